package admin

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/timer"
	"github.com/coredns-failover/failover/plugin/event"
	"github.com/coredns-failover/failover/plugin/override"
	"github.com/coredns-failover/failover/plugin/pool"
	"github.com/coredns-failover/failover/test/kit"
)

// A record is one with two pools of an endpoint each, the first of which is up.
type record struct {
	place pool.Place
	held  []string
}

var recordConfig = &pool.Record{Pools: []pool.Pool{{Name: "primary"}, {Name: "secondary"}}}

func (r *record) Place() pool.Place             { return r.place }
func (r *record) Config() *pool.Record          { return recordConfig }
func (r *record) SetOrders(pool.Orders, string) {}
func (r *record) View() *pool.View {
	return &pool.View{State: pool.OK, TTL: 5, Sets: make([]*pool.Set, 2)}
}

// Preview of an override of 192.0.2.1 leaves nothing to answer.
func (r *record) Preview(o pool.Orders) *pool.View {
	v := r.View()
	if slices.ContainsFunc(o.Endpoints, func(e pool.EndpointOrder) bool { return e.Addr.IsValid() && e.Addr.String() == "192.0.2.1" }) {
		v.State, v.Unhealthy = pool.Degraded, true
	}
	return v
}

func (r *record) Freeze() *pool.Frozen { return &pool.Frozen{} }

func (r *record) EndpointName(_, endpoint string) (name string, disabled bool) {
	return map[string]string{"192.0.2.1": "192.0.2.1", "192.0.2.2": "192.0.2.2"}[endpoint], endpoint == "192.0.2.2"
}

func (r *record) Release(string) []string {
	defer func() { r.held = nil }()
	return r.held
}

func (r *record) Status() pool.Status {
	endpoint := func(addr string, disabled bool) pool.EndpointStatus {
		check := healthcheck.Status{State: healthcheck.Up, Streak: 1, Needed: 5}
		check.Last.Time, check.Last.Result, check.Last.Took = time.Now(), healthcheck.Pass, time.Millisecond
		return pool.EndpointStatus{
			Name: addr, Addr: netip.MustParseAddr(addr), Weight: 1, Disabled: disabled, State: healthcheck.Up, Served: !disabled,
			Since: time.Now(), Reason: "status <200>", Checks: []pool.CheckStatus{{Text: "http :80/", Status: check}, {Text: "tcp :1"}},
		}
	}
	s := pool.Status{View: r.View(), Since: time.Now(), Reason: "the start", Pools: []pool.StatusOfPool{
		{Up: true, Healthy: 1, Needed: 1, Endpoints: []pool.EndpointStatus{endpoint("192.0.2.1", false)}},
		{Rank: 1, Needed: 1, Endpoints: []pool.EndpointStatus{endpoint("192.0.2.2", true), {Name: "web.example.net", Target: "web.example.net"}}},
	}}
	if r.held != nil {
		s.Held = &pool.Hold{Pool: 0, Until: time.Now()}
	}
	return s
}

// newBackend returns a Backend with these records. It has the heartbeat "nightly".
func newBackend(t *testing.T, names ...string) *Backend {
	journal := event.NewJournal()
	b := &Backend{
		Version: "v1", ID: "dns1", Started: time.Now(), Journal: journal,
		Ready: func() bool { return true }, Frozen: func() bool { return false },
		Witnesses: func() []Witness { return []Witness{{Target: "192.0.2.9"}} },
		Explain: func(_ context.Context, q Question) (*Explanation, *Problem) {
			if q.Name != "app.example.org." {
				return nil, problem(http.StatusNotFound, "there is no record %s", q.Name)
			}
			return &Explanation{Name: q.Name, Type: "A", Client: q.Client.String(), Answer: []string{}, Stages: []Stage{{Stage: "ttl"}}}, nil
		},
		Beat: func(name string, _ error) bool { return name == "nightly" },
		Release: func(records []Record, actor string) (released bool, err error) {
			for _, r := range records {
				released = len(r.Release(actor)) > 0 || released
			}
			return released, nil
		},
		Warn: t.Logf,
	}
	b.Overrides = override.NewSet(&timer.Clock{}, func(what override.What, o override.Override) {
		kind := event.OverrideSet
		if what.Ended {
			kind = event.OverrideEnded
		}
		journal.Tell(event.Event{Kind: kind, Time: time.Now(), Record: o.Record, Reason: what.Reason, Actor: what.Actor})
	})
	var records []Record
	for _, name := range names {
		r := &record{place: pool.Place{Record: name, Server: "dns://:53"}}
		records = append(records, r)
		b.Overrides.Attach(r)
	}
	b.Records = func() []Record { return slices.Clone(records) }
	b.Named = func(name string) []Record {
		return slices.DeleteFunc(b.Records(), func(r Record) bool { return r.Place().Record != name })
	}
	return b
}

// A client talks to one listener.
type client struct {
	*testing.T
	http.Client
	url    string
	header http.Header // of every request
}

// serve opens an API until the test ends.
func serve(t *testing.T, b *Backend, c Config) *client {
	t.Helper()
	lease, err := NewService(b).Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(lease.Close)
	return clientOf(t, c)
}

func clientOf(t *testing.T, c Config) *client {
	cl := &client{T: t, url: "http://" + c.Addr, header: http.Header{"Content-Type": {"application/json"}}}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	if path, ok := c.socket(); ok {
		cl.url = "http://socket"
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		}
	}
	if c.Cert != "" {
		cl.url = "https://" + c.Addr
		transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true} // what it asks is which certificate it gets
	}
	cl.Transport = transport
	cl.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return cl
}

// with returns a client with another header, "NAME: VALUE".
func (c *client) with(header string) *client {
	other := *c
	other.header = c.header.Clone()
	name, value, _ := strings.Cut(header, ": ")
	other.header.Set(name, value)
	return &other
}

func (c *client) token(token string) *client { return c.with("Authorization: Bearer " + token) }

// call makes a request, "METHOD PATH BODY", and returns the answer with its body.
func (c *client) call(request string) (*http.Response, string) {
	c.Helper()
	words := strings.SplitN(request+"  ", " ", 3)
	r, err := http.NewRequestWithContext(c.Context(), words[0], c.url+words[1], strings.NewReader(strings.TrimSpace(words[2])))
	if err != nil {
		c.Fatal(err)
	}
	r.Header = c.header.Clone()
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
	}
	resp, err := c.Do(r)
	if err != nil {
		c.Fatalf("%s: %v", request, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		c.Fatalf("%s: %v", request, err)
	}
	return resp, string(body)
}

// wants makes a request and checks the status, and that the body has this text.
func (c *client) wants(request string, status int, text string) string {
	c.Helper()
	resp, body := c.call(request)
	if resp.StatusCode != status || !strings.Contains(body, text) {
		c.Errorf("%s: got %d %s, want %d and %q", request, resp.StatusCode, body, status, text)
	}
	if status >= 400 {
		c.checkProblem(request, resp, body)
	}
	return body
}

func (c *client) checkProblem(request string, resp *http.Response, body string) {
	c.Helper()
	if t := resp.Header.Get("Content-Type"); t != "application/problem+json" {
		c.Errorf("%s: an error has Content-Type %q", request, t)
	}
	var p Problem
	if err := json.Unmarshal([]byte(body), &p); resp.Request.Method != http.MethodHead && (err != nil || p.Title == "" || p.Detail == "" || p.Status != resp.StatusCode) {
		c.Errorf("%s: the problem is %s", request, body)
	}
}

// local returns a Config for a free port of loopback.
func local(t *testing.T, tokens ...Token) Config {
	return Config{Addr: fmt.Sprintf("127.0.0.1:%d", kit.FreePort(t, "127.0.0.1")), Tokens: tokens}
}
