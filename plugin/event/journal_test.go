package event

import (
	"fmt"
	"testing"
	"time"

	"github.com/coredns-failover/failover/plugin/pool"
)

// told returns a Journal that was told of n events.
func told(n int) *Journal {
	j := NewJournal()
	for i := range n {
		j.Tell(Event{Kind: Reloaded, Time: time.Now(), Reason: fmt.Sprint(i)})
	}
	return j
}

// span returns the first and the last ID of entries, and how many they are.
func span(entries []Entry) string {
	if len(entries) == 0 {
		return "none"
	}
	return fmt.Sprintf("%d-%d %d", entries[0].ID, entries[len(entries)-1].ID, len(entries))
}

// The last 1,000 entries are kept, whenever that is.
func TestJournalKeeps(t *testing.T) {
	for n, want := range map[int]string{0: "none", 1: "1-1 1", 999: "1-999 999", 1000: "1-1000 1000", 1001: "2-1001 1000", 1999: "1000-1999 1000", 2000: "1001-2000 1000", 3500: "2501-3500 1000"} {
		j := told(n)
		if got := span(j.Entries(Query{})); got != want {
			t.Errorf("of %d: got %s, want %s", n, got, want)
		}
		if id, _ := j.Last(); id != uint64(n) {
			t.Errorf("of %d the last is %d", n, id)
		}
	}
}

func TestJournalSaysThatItHasGrown(t *testing.T) {
	j := told(1)
	_, grown := j.Last()
	select {
	case <-grown:
		t.Fatal("it has not grown")
	default:
	}
	j.Tell(Event{Kind: CheckPanicked}) // which is no entry
	select {
	case <-grown:
		t.Fatal("it has not grown by what is no entry")
	default:
	}
	j.Tell(Event{Kind: Reloaded})
	<-grown
}

// IDs go on rising after a restart.
func TestJournalRestores(t *testing.T) {
	old := told(1500)
	at := pool.Place{Record: "app.example.org."}
	j := NewJournal()
	j.Restore(old.Entries(Query{}), map[pool.Place][]Change{at: {{Time: time.Now(), State: pool.OK, Pool: "primary"}}})
	j.Tell(Event{Kind: Reloaded})
	if got := span(j.Entries(Query{})); got != "502-1501 1000" {
		t.Errorf("got %s", got)
	}
	if got := j.Changes(at); len(got) != 1 || got[0].Pool != "primary" {
		t.Errorf("the strip is %v", got)
	}
}

// A strip has the changes of 24 hours and what was answered before them, and 200 at most.
func TestStrip(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	at := pool.Place{Record: "app.example.org.", Server: "dns://:53", View: "v"}
	j := NewJournal()
	tell := func(kind Kind, after time.Duration, state pool.State, p string) {
		e := Event{Kind: kind, Time: start.Add(after), Record: at.Record, Server: at.Server, View: at.View, State: state, To: p, Pool: p}
		if kind == StateChanged {
			e.To = string(state)
		}
		j.Tell(e)
	}
	strip := func() (text string) {
		for _, c := range j.Changes(at) {
			text += fmt.Sprintf("%s %s %s; ", c.Time.Sub(start), c.State, c.Pool)
		}
		return text
	}
	tell(PoolChanged, 0, pool.OK, "primary")
	tell(PoolChanged, time.Hour, pool.FailedOver, "secondary")
	tell(StateChanged, time.Hour, pool.FailedOver, "secondary") // the same change
	tell(StateChanged, 2*time.Hour, pool.Degraded, "none")
	tell(EndpointChanged, 3*time.Hour, pool.OK, "primary") // which is no change of answers
	if got, want := strip(), "0s ok primary; 1h0m0s failed_over secondary; 2h0m0s degraded none; "; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	tell(PoolChanged, 25*time.Hour+time.Minute, pool.OK, "primary")
	if got, want := strip(), "1h0m0s failed_over secondary; 2h0m0s degraded none; 25h1m0s ok primary; "; got != want {
		t.Errorf("a day later: got  %s\nwant %s", got, want)
	}
	for i := range 300 {
		tell(PoolChanged, 26*time.Hour+time.Duration(i)*time.Second, pool.OK, []string{"a", "b"}[i%2])
	}
	if got := j.Changes(at); len(got) != stripMost || got[0].Time != start.Add(26*time.Hour+100*time.Second) {
		t.Errorf("%d changes are kept, from %s on", len(got), got[0].Time)
	}
	if got := j.Changes(pool.Place{Record: at.Record}); got != nil {
		t.Errorf("another place has %v", got)
	}
	j.Forget(map[pool.Place]bool{at: true})
	if len(j.Strips()) != 1 {
		t.Error("the strip of a record that is served is gone")
	}
	j.Forget(nil)
	if len(j.Strips()) != 0 {
		t.Error("the strip of a record that is gone stays")
	}
}
