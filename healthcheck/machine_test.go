package healthcheck

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// play gives a machine the results of one probe a second, which takes 100 ms: p is a pass,
// f a fail, ? inconclusive. It returns the state after each: u, d or -, in upper case (or
// =) at the fast pace.
func play(m *machine, s *Spec, script string) string {
	var states strings.Builder
	at := time.Unix(0, 0)
	for _, letter := range script {
		r := map[rune]Result{'p': Pass, 'f': Fail, '?': Inconclusive}[letter]
		was := m.state
		_, changed := m.observe(s, conditions{}, r, at, at.Add(100*time.Millisecond))
		if changed != (m.state != was) {
			panic("changed is wrong")
		}
		state := map[State]string{Unknown: "-", Up: "u", Down: "d"}[m.state]
		if m.fastPace() {
			state = strings.ToUpper(strings.Replace(state, "-", "=", 1))
		}
		states.WriteString(state)
		at = at.Add(time.Second)
	}
	return states.String()
}

func TestMachine(t *testing.T) {
	tests := []struct {
		name         string
		fall, rise   Threshold
		script, want string
	}{
		{"first pass decides", Threshold{3, 0}, Threshold{2, 0}, "p", "u"},
		{"two fails decide", Threshold{3, 0}, Threshold{2, 0}, "ff", "=d"},
		{"two fails decide whatever fall says", Threshold{9, time.Hour}, Threshold{2, 0}, "ff", "=d"},
		{"fall 1 does not decide an unknown", Threshold{1, 0}, Threshold{2, 0}, "ff", "=d"},
		{"a pass after the first fail decides", Threshold{3, 0}, Threshold{2, 0}, "fp", "=u"},
		{"nothing is known without a result", Threshold{3, 0}, Threshold{2, 0}, "??", "--"},
		{"unknown between two fails", Threshold{3, 0}, Threshold{2, 0}, "f?f", "==d"},
		{"fall", Threshold{3, 0}, Threshold{2, 0}, "pfff", "uUUd"},
		{"fall 1", Threshold{1, 0}, Threshold{2, 0}, "pf", "ud"},
		{"a pass resets the failures", Threshold{3, 0}, Threshold{2, 0}, "pffpfff", "uUUuUUd"},
		{"unknown leaves failures alone", Threshold{3, 0}, Threshold{2, 0}, "pf?f?f", "uUUUUd"},
		{"fall waits for its duration", Threshold{2, 3 * time.Second}, Threshold{2, 0}, "pfffff", "uUUUdd"},
		{"the duration runs to the end of the last probe", Threshold{2, 1100 * time.Millisecond}, Threshold{2, 0}, "pff", "uUd"},
		{"and not a moment less", Threshold{2, 1101 * time.Millisecond}, Threshold{2, 0}, "pfff", "uUUd"},
		{"the duration starts anew after a pass", Threshold{2, 2 * time.Second}, Threshold{2, 0}, "pffpfff", "uUUuUUd"},
		{"rise", Threshold{3, 0}, Threshold{3, 0}, "ffppp", "=dddu"},
		{"a fail resets the passes", Threshold{3, 0}, Threshold{3, 0}, "ffppfppp", "=ddddddu"},
		{"unknown leaves passes alone", Threshold{3, 0}, Threshold{2, 0}, "ffp?p", "=dddu"},
		{"rise waits for its duration", Threshold{3, 0}, Threshold{2, 3 * time.Second}, "ffppppp", "=ddddu" + "u"},
		{"down and up and down", Threshold{2, 0}, Threshold{2, 0}, "pffppff", "uUdduUd"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			s := &Spec{Fall: tc.fall, Rise: tc.rise}
			if got := play(new(machine), s, tc.script); got != tc.want {
				t.Errorf("%s: got %s, want %s", tc.script, got, tc.want)
			}
		})
	}
}

// A check that was changed keeps the state of the old one until it decides.
func TestMachineInherits(t *testing.T) {
	s := &Spec{Fall: Threshold{5, 3 * time.Second}, Rise: Threshold{5, 0}}
	tests := []struct {
		inherited    State
		script, want string
	}{
		{Up, "p", "u"},
		{Up, "ff", "Ud"},
		{Up, "fp", "Uu"},
		{Up, "pff", "uUU"},
		{Down, "p", "u"},
		{Down, "ff", "Dd"},
		{Down, "fpf", "DuU"},
		{Down, "?p", "du"},
	}
	for _, tc := range tests {
		m := &machine{state: tc.inherited}
		if got := play(m, s, tc.script); got != tc.want {
			t.Errorf("%s, %s: got %s, want %s", tc.inherited, tc.script, got, tc.want)
		}
	}
}

// An endpoint that goes down soon after it came up needs twice as many passes as the last
// time, and at most 32 times Rise.
func TestMachineDamps(t *testing.T) {
	s := &Spec{Fall: Threshold{1, 0}, Rise: Threshold{2, 0}, Damping: time.Minute}
	m, at := new(machine), time.Unix(0, 0)
	result := func(r Result, c conditions) State {
		at = at.Add(time.Second)
		m.observe(s, c, r, at, at)
		return m.state
	}
	passes := func(c conditions) (n int) {
		for n = 1; result(Pass, c) == Down; n++ {
		}
		return n
	}
	result(Pass, conditions{})
	var got []int
	for range 8 {
		result(Fail, conditions{})
		got = append(got, passes(conditions{}))
	}
	if want := "[2 4 8 16 32 64 64 64]"; fmt.Sprint(got) != want {
		t.Errorf("passes needed: %v, want %s", got, want)
	}

	result(Fail, conditions{})
	if n := passes(conditions{undamped: true}); n != 2 {
		t.Errorf("suspended: %d passes needed, want 2", n)
	}
	at = at.Add(time.Minute)
	result(Fail, conditions{})
	if n := passes(conditions{}); n != 2 {
		t.Errorf("after a minute up: %d passes needed, want 2", n)
	}
	s.Damping = 0
	result(Fail, conditions{})
	if n := passes(conditions{}); n != 2 {
		t.Errorf("off: %d passes needed, want 2", n)
	}
}

func TestMachineSaysWhy(t *testing.T) {
	s := &Spec{Fall: Threshold{3, 0}, Rise: Threshold{2, 0}}
	m, at := new(machine), time.Unix(0, 0)
	var got []string
	for _, r := range []Result{Pass, Fail, Fail, Fail, Pass, Pass} {
		if why, changed := m.observe(s, conditions{}, r, at, at.Add(100*time.Millisecond)); changed {
			got = append(got, why)
		}
		at = at.Add(time.Second)
	}
	m = new(machine)
	m.observe(s, conditions{}, Fail, at, at)
	why, _ := m.observe(s, conditions{}, Pass, at, at)
	got = append(got, why)
	want := "[1 pass 3 failures in 2.1s 2 passes in 1.1s 1 pass]"
	if fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

// model returns the state after a history, all of which it reads each time.
func model(s *Spec, inherited State, history []observed) State {
	state, decided, from := inherited, false, 0
	for i, o := range history {
		if o.result == Inconclusive {
			continue
		}
		next, kind, need := Up, Pass, s.Rise
		if o.result == Fail {
			next, kind, need = Down, Fail, s.Fall
		}
		switch {
		case !decided && next == Up:
			need = Threshold{Count: 1}
		case !decided:
			need = Threshold{Count: 2}
		case next == state:
			continue
		}
		row := 0
		first := i
		for j := i; j >= from; j-- {
			if history[j].result == Inconclusive {
				continue
			}
			if history[j].result != kind {
				break
			}
			row, first = row+1, j
		}
		if row >= need.Count && o.end.Sub(history[first].start) >= need.For {
			state, decided, from = next, true, i+1
		}
	}
	return state
}

type observed struct {
	result     Result
	start, end time.Time
}

// FuzzMachine compares the machine with the model. Each byte is a result in its
// low bits and a wait of up to 6.3s in the others.
func FuzzMachine(f *testing.F) {
	f.Add(uint8(5), uint8(3), uint8(5), uint8(0), uint8(0), []byte("\x00\x05\x05\x05\x05\x05\x05\x05\x04\x04\x04\x04\x04"))
	f.Add(uint8(1), uint8(0), uint8(1), uint8(2), uint8(2), []byte("\x01\x02\x01\x00\x01\xff\xfe"))
	f.Fuzz(func(t *testing.T, fall, fallFor, rise, riseFor, inherited uint8, script []byte) {
		s := &Spec{
			Fall: Threshold{1 + int(fall%8), time.Duration(fallFor%8) * time.Second},
			Rise: Threshold{1 + int(rise%8), time.Duration(riseFor%8) * time.Second},
		}
		m := &machine{state: State(inherited % 3)}
		from, at := m.state, time.Unix(0, 0)
		var history []observed
		for i, b := range script {
			o := observed{Result(min(b&3, 2)), at, at.Add(time.Duration(b>>2) * 10 * time.Millisecond)}
			history = append(history, o)
			m.observe(s, conditions{}, o.result, o.start, o.end)
			if want := model(s, from, history); m.state != want {
				t.Fatalf("%+v: after result %d: %s, want %s", s, i, m.state, want)
			}
			at = o.end.Add(time.Duration(b>>2) * 90 * time.Millisecond)
		}
	})
}
