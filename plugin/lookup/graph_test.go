package lookup

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

func TestGraph(t *testing.T) {
	var g graph
	steps := []struct {
		name, cause string
		on          []string
		loop        string
	}{
		{"a", "hosts", []string{"b", "c"}, ""},
		{"b", "A", []string{"d"}, ""},
		{"c", "A", []string{"d"}, ""},
		{"d", "A", []string{"e"}, ""},
		{"d", "AAAA", []string{"f"}, ""},
		{"e", "A", []string{"x", "e2"}, ""},
		{"f", "A", []string{"b"}, "f b d f"},
		{"b", "A", []string{"d"}, "b d f b"}, // every name on the loop finds it
		{"a", "hosts", []string{"b"}, ""},    // a name that leads to it does not
		{"d", "A", []string{"e"}, ""},        // nor does one that does not lead to it
		{"d", "AAAA", nil, ""},               // until it is broken
		{"b", "A", []string{"d"}, ""},
		{"f", "A", []string{"b"}, ""},
		{"s", "A", []string{"s"}, "s s"},
	}
	for _, s := range steps {
		if got := strings.Join(g.set(s.name, s.cause, s.on), " "); got != s.loop {
			t.Errorf("%s depends on %s because of %s: loop %q, want %q", s.name, s.on, s.cause, got, s.loop)
		}
	}
}

func TestTrace(t *testing.T) {
	TraceOf(t.Context()).Add("without a trace")
	var tr Trace
	ctx := withTrace(t.Context(), &tr)
	for _, record := range []string{"b.", "a.", "b."} {
		TraceOf(ctx).Add(record)
	}
	if got := tr.records(); !slices.Equal(got, []string{"a.", "b."}) {
		t.Errorf("touched %v", got)
	}
}

// resolverVia returns a resolver that reaches records and returns r and err.
func resolverVia(r *pool.Reply, err error, records ...string) resolver {
	return resolverFunc(func(ctx context.Context, _ string, _ uint16) (*pool.Reply, error) {
		for _, record := range records {
			TraceOf(ctx).Add(record)
		}
		return r, err
	})
}

func TestWatch(t *testing.T) {
	addr := &pool.Reply{Addrs: rrs(t, "cdn.example.net. 60 IN A 192.0.2.1")}
	cname := &pool.Reply{CNAMEs: rrs(t, "cdn.example.net. 60 IN CNAME App.example.org."), Addrs: addr.Addrs}
	gone := &pool.Reply{Negative: message{rcode: 3, answer: []string{"cdn.example.net. 60 IN CNAME app.example.org."}}.reply(t, new(dns.Msg))}
	const looped = "it leads back to itself: host cdn.example.net. -> app.example.org. -> host cdn.example.net."
	tests := []struct {
		name string
		in   resolver
		want string
	}{
		{"addresses", resolverVia(addr, nil), ""},
		{"another record", resolverVia(addr, nil, "other.example.org."), ""},
		{"a record of that name", resolverVia(addr, nil, "cdn.example.net."), ""},
		{"the record", resolverVia(addr, nil, "app.example.org."), looped},
		{"the record, and failed", resolverVia(nil, errors.New("i/o timeout"), "app.example.org."), looped},
		{"failed", resolverVia(nil, errors.New("i/o timeout")), "i/o timeout"},
		{"a CNAME to the record", resolverVia(cname, nil), looped},
		{"a CNAME to the record, which has no address", resolverVia(gone, nil), looped},
	}
	for _, tc := range tests {
		var g graph
		g.set("app.example.org.", "hosts", []string{hostNode("cdn.example.net.")})
		r, err := g.watch(tc.in, hostNode).Lookup(t.Context(), "CDN.example.net.", dns.TypeA)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != tc.want || err == nil && r == nil {
			t.Errorf("%s: %v, %q, want %q", tc.name, r, got, tc.want)
		}
	}
}

// Two records that are each a CNAME to the other in the next plugins.
func TestWatchRecords(t *testing.T) {
	var g graph
	one := g.watch(resolverVia(&pool.Reply{}, nil, "two."), nil)
	two := g.watch(resolverVia(&pool.Reply{}, nil, "one."), nil)
	if _, err := one.Lookup(t.Context(), "one.", dns.TypeA); err != nil {
		t.Error(err)
	}
	_, err := two.Lookup(t.Context(), "two.", dns.TypeA)
	if loop := (*loopError)(nil); !errors.As(err, &loop) || strings.Join(loop.Path, " ") != "two. one. two." {
		t.Error(err)
	}
}

func TestEnter(t *testing.T) {
	ctx, ok := Enter(t.Context(), t, "a.")
	if !ok {
		t.Fatal("not entered")
	}
	if ctx, ok = Enter(ctx, t, "b."); !ok {
		t.Error("b. is not a.")
	}
	if _, ok := Enter(ctx, t, "a."); ok {
		t.Error("a. has led to a.")
	}
	// Another asker may look up the same: the whole chain leads to the next plugins.
	if _, err := enter(ctx, "another", "a.", dns.TypeA); err != nil {
		t.Error(err)
	}
}
