package check_test

import (
	"strings"
	"testing"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/corefile"
)

func TestDialogue(t *testing.T) {
	const none = probe.Dialogue("")
	tests := []struct {
		properties string
		want       probe.Dialogue
	}{
		{"expect ^220", none.Expect("^220")},
		{"send PING", none.Send("PING")},
		{`send "PING\r\n"`, none.Send("PING\r\n")},
		{`send PING\r\n`, none.Send("PING\r\n")},
		{`send "\x00\xfF\t\\r \" x"`, none.Send("\x00\xff\t\\r \" x")},
		{"send a\nexpect b\nsend c\nsend d\nexpect e", none.Send("a").Expect("b").Send("c").Send("d").Expect("e")},
		{"send \"a\nb\"", none.Send("a\nb")},
		{`expect "^\* OK"`, none.Expect(`^\* OK`)},
		{"interval 2s", none},
	}
	for _, test := range tests {
		got := checks(t, inCheck("check tcp :25", test.properties))[0].Spec.Check
		want := probe.TCP{Target: probe.Target{Port: 25}, Dialogue: test.want}
		if got != want {
			t.Errorf("%s\ngot  %+v\nwant %+v", test.properties, got, want)
		}
	}
}

func TestUDP(t *testing.T) {
	got := checks(t, inCheck("check udp syslog.example:514", "send a\nexpect b"))[0].Spec.Check
	want := probe.UDP{
		Target:   probe.Target{Host: "syslog.example", Port: 514},
		Dialogue: probe.Dialogue("").Send("a").Expect("b"),
	}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// Dialogues with another text or order are different checks.
func TestDialoguesDiffer(t *testing.T) {
	bodies := []string{"", "send a", "send b", "expect a", "send a\nexpect a", "expect a\nsend a", "send \"a\nexpect a\""}
	seen := make(map[healthcheck.Check]string)
	for _, body := range bodies {
		c := checks(t, inCheck("check tcp :25", body))[0].Spec.Check
		if other, ok := seen[c]; ok {
			t.Errorf("%q and %q are the same check", body, other)
		}
		seen[c] = body
	}
}

func TestRefusesDialogue(t *testing.T) {
	const escape = `send: expected a STRING in which \ begins one of`
	tests := []struct{ property, phrase string }{
		{"send", "send: missing argument, expected send STRING"},
		{"send \"\"", "send: an argument is empty"},
		{"send s3cret s3cret", "send: surplus argument, expected send STRING"},
		{"send s3cret {\n}", "send: unexpected '{'"},
		{`send s3cret\`, escape},
		{`send "s3cret\q"`, escape},
		{`send s3cret\x0`, escape},
		{`send s3cret\x`, escape},
		{`send s3cret\xg0`, escape},
		{`send s3cret\x+1`, escape},
		{`send s3cret\R`, escape},
		{"expect", "expect: missing argument, expected expect REGEX"},
		{"expect \"\"", "expect: an argument is empty"},
		{"expect a b", "expect: surplus argument b"},
		{"expect (", "expect (: expected a regular expression: error parsing regexp"},
	}
	for _, test := range tests {
		for _, check := range []string{"check tcp :25", "check udp :25"} {
			text := inCheck(check, test.property)
			_, err := corefile.Parse(controller(text))
			refused(t, text, err, 4, test.phrase)
			if err != nil && strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%s\nis refused with what it sends: %v", text, err)
			}
		}
	}
}
