package test

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// programs are the command lines of DNS clients, by name and transport. Variables in
// them are expanded; the queries follow.
var programs = map[string]string{
	"kdig over UDP":  "kdig @$ip -p $dns +noall +header +comments +answer +authority",
	"kdig over TCP":  "kdig @$ip -p $dns +tcp +noall +header +comments +answer +authority",
	"kdig over TLS":  "kdig @$ip -p $dot +tls-ca=ca.pem +tls-hostname=dns.example.org +noall +header +comments +answer +authority",
	"kdig over HTTP": "kdig @$ip -p $doh +https +tls-ca=ca.pem +tls-hostname=dns.example.org +noall +header +comments +answer +authority",
	"dig over UDP":   "dig @$ip -p $dns +noall +comments +answer +authority",
	"dig over TLS":   "dig @$ip -p $dot +tls-ca=ca.pem +tls-hostname=dns.example.org +noall +comments +answer +authority",
	"drill":          "drill @$ip -p $dns",
}

// Other DNS clients read the same answers as this test does.
func TestOtherPrograms(t *testing.T) {
	t.Parallel()
	for _, command := range programs {
		program, _, _ := strings.Cut(command, " ")
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed: %v", program, err)
		}
	}
	s := prepareStates(t)
	newAuthority(t, s.vars["dir"]).sign("server", time.Hour, "dns.example.org")
	s.serve(strings.Replace(everyListener, "RECORDS", s.records("zone.test."), 1))
	queries := make([]string, 0, len(stateQueries))
	for query := range stateQueries {
		queries = append(queries, query)
	}
	for i, st := range states[:3] {
		s.enters(st, 1, recordsOfStates)
		for name, command := range programs {
			t.Run(fmt.Sprintf("%d %s/%s", i, st.name, name), func(t *testing.T) {
				for j, got := range s.server.in(t).programAnswers(command, queries) {
					want := words(strings.ReplaceAll(s.in(stateQueries[queries[j]], "zone.test.", st), `"`, ""))
					if got != want {
						t.Errorf("%s: got %s, want %s", queries[j], got, want)
					}
				}
			})
		}
	}
}

// programAnswers returns the answers to queries that a program prints.
func (s *server) programAnswers(command string, queries []string) (said []string) {
	s.Helper()
	args := strings.Fields(s.vars.expand(s.T, command))
	if args[0] == "drill" { // it takes one query
		for _, query := range queries {
			said = append(said, s.runProgram(append(args, asked(query)...))...)
		}
	} else {
		for _, query := range queries {
			args = append(args, asked(query)...)
		}
		said = s.runProgram(args)
	}
	if len(said) != len(queries) {
		s.Fatalf("%s: %d answers to %d queries: %q", command, len(said), len(queries), said)
	}
	return said
}

func asked(query string) []string {
	return strings.Fields(strings.ReplaceAll(query, "ZONE", "zone.test."))
}

// runProgram runs a program and returns the answers that it prints, as words returns them.
func (s *server) runProgram(args []string) (said []string) {
	s.Helper()
	cmd := exec.CommandContext(s.Context(), args[0], args[1:]...)
	cmd.Dir = s.vars["dir"]
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.Errorf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	_, text, _ := strings.Cut(string(out), "HEADER")
	for answer := range strings.SplitSeq(text, "HEADER") {
		said = append(said, readAnswer(answer))
	}
	return said
}

// readAnswer reads one answer from the output of dig or a similar program.
func readAnswer(text string) string {
	var rcode, section string
	var answer, authority []string
	for line := range strings.Lines(text) {
		for _, word := range []string{"status: ", "rcode: "} {
			if _, rest, ok := strings.Cut(line, word); ok && rcode == "" {
				rcode, _, _ = strings.Cut(strings.ReplaceAll(rest, ";", ","), ",")
			}
		}
		fields := strings.Fields(strings.ReplaceAll(line, `"`, ""))
		switch {
		case strings.HasPrefix(line, ";; ") && strings.Contains(line, "SECTION"):
			section = fields[1]
		case len(fields) < 5 || strings.HasPrefix(line, ";"):
		case section == "ANSWER":
			answer = append(answer, fields[3:]...)
		case section == "AUTHORITY":
			authority = append(authority, fields[3])
		}
	}
	switch {
	case rcode != "NOERROR":
		answer = append(answer, rcode)
	case len(answer) == 0:
		answer = append(answer, "NODATA")
	}
	return words(strings.Join(slices.Concat(answer, authority), " "))
}
