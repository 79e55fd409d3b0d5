package test

import (
	"fmt"
	"strings"
	"testing"
)

// A verdict is a check, which gets a record of its own, and whether it passes.
type verdict struct {
	check    string // without the word check, and with "; " between properties
	pass     bool
	endpoint string // if it is not set, 192.0.2.1, which is probed at $site
}

// expectVerdicts starts s with a record for each check, and waits for the state of each.
func expectVerdicts(t *testing.T, s *server, verdicts []verdict) {
	t.Helper()
	var records strings.Builder
	for i, v := range verdicts {
		fmt.Fprintf(&records, "record r%d {\nprimary {\nendpoint %s\n}\n%s}\n", i, v.target(), v.property())
	}
	s.serve(`
	example.org:$dns {
		bind $ip
		prometheus $ip:$metrics
		failover {
			all_down nodata
			` + records.String() + `
		}
	}`)
	for i, v := range verdicts {
		t.Run(v.check, func(t *testing.T) { v.isReached(s.in(t), fmt.Sprintf("r%d.example.org.", i)) })
	}
}

func (v verdict) target() string {
	if v.endpoint == "" {
		return "192.0.2.1 probe $site"
	}
	return v.endpoint
}

// unhurried is the timing of these checks: only targets that hang take this long.
var unhurried = strings.Replace(fast, "interval 500ms\n\ttimeout 500ms", "interval 3s\n\ttimeout 3s", 1)

// property returns the check as it is written in a Corefile.
func (v verdict) property() string {
	line, more, _ := strings.Cut(strings.ReplaceAll(v.check, "; ", "\n"), "\n")
	if strings.HasPrefix(line, "http") && !strings.Contains(more, "host ") {
		more += "\nhost app.example.org"
	}
	return "check " + line + " {\n" + more + unhurried + "}\n"
}

func (v verdict) isReached(s *server, name string) {
	up, answer := "0", "NODATA SOA"
	addr, _, _ := strings.Cut(s.vars.expand(s.T, v.target()), " ")
	if v.pass {
		up, answer = "1", "A "+addr
	}
	s.has(map[string]string{`endpoint_up{endpoint="` + addr + `",pool="primary",record="` + name + `",SERVER}`: up})
	if got := s.ask(name, "A"); got != answer {
		s.Errorf("got %s, want %s", got, answer)
	}
}
