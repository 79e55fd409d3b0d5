package peers

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/coredns/caddy"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/corefile"
)

// A check is a check as in a Corefile, with the endpoint that it probes.
type check struct {
	healthcheck.Prober
	key healthcheck.Key
}

// parse returns the check of an endpoint of the record example.org.
func parse(t *testing.T, addr, text string) check {
	t.Helper()
	c, err := tryParse(addr, text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func tryParse(addr, text string) (check, error) {
	c := caddy.NewTestController("dns", "failover {\nprimary "+addr+"\n"+text+"\n}")
	c.ServerBlockKeys = []string{"dns://example.org.:53"}
	config, err := corefile.Parse(c)
	if err != nil {
		return check{}, err
	}
	e := &config.Records[0].Pools[0].Endpoints[0]
	for key := range e.ChecksOf(e.Addr) {
		return check{Prober: key.Spec.Check.Prober(), key: key}, nil
	}
	return check{}, errors.New("there is no check")
}

// readme returns the check of the manual that begins with words, with its port
// replaced.
func readme(t *testing.T, words, port string) string {
	t.Helper()
	text, err := os.ReadFile("../../healthcheck/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, body, found := strings.Cut(string(text), "            "+words+" {\n")
	body, _, closed := strings.Cut(body, "\n            }\n")
	if !found || !closed {
		t.Fatalf("the manual has no example with %s", words)
	}
	head := words[:strings.LastIndex(words, ":")+1] + port
	return head + " {\n" + body + "\n}"
}

// probe probes once, for five seconds at most.
func (c check) probe(t *testing.T) error { return c.within(t, 5*time.Second) }

func (c check) within(t *testing.T, timeout time.Duration) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	start := time.Now()
	err := c.Probe(ctx, c.key.Addr)
	if took := time.Since(start); took > timeout+10*time.Second {
		t.Errorf("the probe took %v, its timeout is %v", took, timeout)
	}
	return err
}

// patience is how long programs may take to start, to end and to react on a busy
// machine.
const patience = 2 * time.Minute

// becomes probes until the result begins with want, which is "" for a pass.
func (c check) becomes(t *testing.T, want string) {
	t.Helper()
	if err := c.until(t, want); !is(err, want) {
		t.Fatalf("%v: %v, want %q", c.key.Spec.Check, err, want)
	}
}

// until probes until the result begins with want, and returns the last result.
func (c check) until(t *testing.T, want string) (err error) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if err = c.within(t, 2*time.Second); is(err, want) {
			return err
		}
		<-time.After(10 * time.Millisecond)
	}
	return err
}

// gives probes once and checks that the result begins with want, and is not unknown.
func (c check) gives(t *testing.T, want string) {
	t.Helper()
	if err := c.probe(t); !is(err, want) || errors.Is(err, healthcheck.ErrInconclusive) {
		t.Errorf("%v: %v, want %q", c.key.Spec.Check, err, want)
	}
}

func is(err error, want string) bool {
	if err == nil || want == "" {
		return err == nil && want == ""
	}
	return strings.HasPrefix(err.Error(), want)
}
