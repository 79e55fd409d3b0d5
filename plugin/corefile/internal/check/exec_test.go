package check_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coredns/coredns/core/dnsserver"

	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/corefile"
)

// writeProgram writes a program that can be run.
func writeProgram(t *testing.T, path string) {
	t.Helper()
	writeFile(t, path, "#!/bin/sh\n")
	if err := os.Chmod(path, 0o700); err != nil {
		t.Fatal(err)
	}
}

func TestExec(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "check")
	writeProgram(t, program)
	t.Setenv("PATH", dir)
	want := probe.Exec{Path: program, Record: "example.org.", Pool: "primary", Endpoint: "192.0.2.1"}
	for check, args := range map[string]string{
		"check exec " + program:                          "",
		"check exec check":                               "",
		"check exec " + dir + "/./check":                 "",
		"check exec check -H http://{endpoint}/ \"a b\"": "-H\x00http://{endpoint}/\x00a b",
	} {
		want.Args = args
		if got := checks(t, withCheck(check))[0].Spec.Check; got != want {
			t.Errorf("%s\ngot  %+v\nwant %+v", check, got, want)
		}
	}
}

// What the program sees is part of the check.
func TestExecIsOfAnEndpoint(t *testing.T) {
	config := mustParse(t, `failover {
		check exec /bin/sh
		record a b {
			primary {
				endpoint 192.0.2.1 port 81 name web probe 10.0.0.1
			}
			secondary 192.0.2.1
		}
	}`)
	want := probe.Exec{Path: "/bin/sh", Port: 81, Record: "a.example.org.", Pool: "primary", Endpoint: "web"}
	a := config.Records[0]
	got := a.Pools[0].Endpoints[0].Checks[0]
	if got.Spec.Check != want || got.Addr.String() != "10.0.0.1" {
		t.Errorf("got  %+v of %s\nwant %+v", got.Spec.Check, got.Addr, want)
	}
	other := a.Pools[1].Endpoints[0].Checks[0].Spec.Check
	if want := (probe.Exec{Path: "/bin/sh", Record: "a.example.org.", Pool: "secondary", Endpoint: "192.0.2.1"}); other != want {
		t.Errorf("got  %+v\nwant %+v", other, want)
	}
	if b := config.Records[1].Pools[0].Endpoints[0].Checks[0]; b == got {
		t.Error("two records have one check, and the program sees the name of one")
	}
}

// A relative PATH is below the directory of the root plugin.
func TestExecBelowRoot(t *testing.T) {
	dir := t.TempDir()
	writeProgram(t, filepath.Join(dir, "check"))
	text := withCheck("check exec ./check")
	c := controller(text)
	dnsserver.GetConfig(c).Root = dir
	config, err := corefile.Parse(c)
	if err != nil {
		t.Fatal(err)
	}
	check := config.Records[0].Pools[0].Endpoints[0].Checks[0].Spec.Check
	if got := check.(probe.Exec).Path; got != filepath.Join(dir, "check") {
		t.Errorf("got %s", got)
	}
	_, err = corefile.Parse(controller(text))
	refused(t, text, err, 3, "check exec ./check: expected a program that can be run: no such file")
}

func TestRefusesExec(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "text"), "s3cret")
	tests := []struct{ check, phrase string }{
		{"check exec", "check exec: missing argument, expected check exec PATH [ARG...]"},
		{"check exec \"\"", "check: an argument is empty"},
		{"check exec /nonexistent s3cret", "check exec /nonexistent: expected a program that can be run: no such file or directory"},
		{"check exec nonexistent s3cret", "check exec nonexistent: expected a program that can be run: executable file not found in $PATH"},
		{"check exec " + dir + " s3cret", "expected a program that can be run: is a directory"},
		{"check exec " + dir + "/text", "/text: expected a program that can be run: permission denied"},
		{"check exec /bin/sh a\x00s3cret", "check exec /bin/sh: an argument has a NUL in it"},
		{"check exec /bin/sh {\nstatus 200\n}", ""},
	}
	for _, test := range tests {
		text := withCheck(test.check)
		_, err := corefile.Parse(controller(text))
		if test.phrase == "" {
			refused(t, text, err, 4, `unknown property "status" of check exec: expected one of damping, fall`)
			continue
		}
		refused(t, text, err, 3, test.phrase)
		if err != nil && strings.Contains(err.Error(), "cret") {
			t.Errorf("%s\nis refused with its argument: %v", text, err)
		}
	}
}
