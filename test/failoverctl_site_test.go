package test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// buildCtl builds failoverctl once.
var buildCtl = sync.OnceValues(func() (string, error) { return build(filepath.Dir(binary), "failoverctl") })

// failoverctl returns a command that runs with the API of s, in the directory of s.
func (s *server) failoverctl(args ...string) *exec.Cmd {
	s.Helper()
	path, err := buildCtl()
	if err != nil {
		s.Fatal(err)
	}
	cmd := exec.CommandContext(s.Context(), path, args...)
	cmd.Dir = s.vars["dir"]
	cmd.Env = append(os.Environ(), "FAILOVER_API="+s.addr("api"))
	return cmd
}

// ctl runs failoverctl to its end, which must have this exit status.
func (s *server) ctl(status int, args ...string) (out string) {
	s.Helper()
	cmd := s.failoverctl(args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		s.Fatal(err)
	}
	text := stdout.String() + stderr.String()
	if got := cmd.ProcessState.ExitCode(); got != status {
		s.Errorf("failoverctl %s: exit status %d, want %d:\n%s", strings.Join(args, " "), got, status, indent(text))
	}
	for line := range strings.Lines(stdout.String()) {
		if len(line) > 81 && !slices.Contains(args, "json") {
			s.Errorf("failoverctl %s: a line has %d columns: %s", strings.Join(args, " "), len(line)-1, line)
		}
	}
	return text
}

var (
	wrapped = regexp.MustCompile(`\n +`)
	spaces  = regexp.MustCompile(` +`)
)

// flat returns what failoverctl printed, with wrapped lines as one and single spaces.
func flat(text string) string {
	return spaces.ReplaceAllString(wrapped.ReplaceAllString(text, " "), " ")
}

// A runningCtl is failoverctl while it runs.
type runningCtl struct {
	*exec.Cmd
	out *output
}

func (s *server) startCtl(args ...string) runningCtl {
	s.Helper()
	r := runningCtl{s.failoverctl(args...), new(output)}
	r.Stdout, r.Stderr = r.out, r.out
	if err := r.Start(); err != nil {
		s.Fatal(err)
	}
	return r
}

func (r runningCtl) waitFor(t *testing.T, text string) {
	t.Helper()
	eventually(t, "failoverctl prints "+text, func() bool { return strings.Contains(flat(r.out.String()), text) })
}

// interrupt sends what Ctrl-C sends, after which the exit status must be 0.
func (r runningCtl) interrupt(t *testing.T) {
	t.Helper()
	r.Process.Signal(syscall.SIGINT)
	if err := r.Wait(); err != nil {
		t.Errorf("%v:\n%s", err, indent(r.out.String()))
	}
}

// contains checks that each text is in what was printed, if need be over the end of a line.
func contains(t *testing.T, printed string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(printed, text) && !strings.Contains(flat(printed), text) {
			t.Errorf("%q is not in\n%s", text, indent(printed))
		}
	}
}

const ctlCorefile = `
	example.org:$dns {
		bind $ip
		failover {
			api $ip:$api
			state state.json
			record app *.apps {
				primary $a
				secondary {
					endpoint $b name standby
				}
				ttl 7
				check http :$web {
					host app.example.org
					` + fast + `
				}
			}
			record job {
				primary $a
				secondary $b {
					check none
				}
				failback manual
				check heartbeat nightly {
					grace 1h
				}
			}
		}
		errors
	}`

// A ctlSite is a server that is operated with failoverctl.
type ctlSite struct{ story }

func startCtlSite(t *testing.T) ctlSite {
	ts := newTargets(t, 2)
	s := start(t, ctlCorefile, vars{"a": ts[0].ip, "b": ts[1].ip, "web": ts[0].port})
	return ctlSite{story{s, ts[0], ts[1]}}
}

// is checks that the next query is answered from a target.
func (s ctlSite) is(g *target) {
	s.Helper()
	if got, want := s.ask("app.example.org", "A"), aRecords(g.ip); got != want {
		s.Errorf("the answer is %s, want %s", got, want)
	}
}

var overrideID = regexp.MustCompile(`(?m)^([a-z0-9]{10}): `)

// change sets an override and returns its ID.
func (s ctlSite) change(args ...string) string {
	s.Helper()
	m := overrideID.FindStringSubmatch(s.ctl(0, args...))
	if m == nil {
		s.Fatalf("%q set no override", args)
	}
	return m[1]
}
