package serve

import (
	"context"
	"fmt"
	"net/netip"
	"testing"

	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/pkg/dnstest"
	"github.com/coredns/coredns/plugin/test"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
	"github.com/coredns-failover/failover/plugin/zone"
)

// newBlock returns a block for records in zones, in front of next. It trusts the
// client subnets of every resolver.
func newBlock(t testing.TB, next plugin.Handler, blockZone string, zones []Zone, records ...pool.Record) *Block {
	t.Helper()
	b, err := New(&Config{
		Records:    records,
		Zones:      zones,
		ECSFrom:    &[]netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")},
		BlockZones: []string{blockZone},
		DefaultTTL: 5,
		Next:       func() plugin.Handler { return next },
		Observe:    func(*pool.Record) Observer { return noObserver{} },
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// exampleBlock is a block for records in the zone example.org.
func exampleBlock(t testing.TB, next plugin.Handler, records ...pool.Record) *Block {
	t.Helper()
	return newBlock(t, next, "example.org.", []Zone{{"example.org.", 5}}, records...)
}

// handlerOf returns b as a plugin.
func handlerOf(b *Block) plugin.Handler {
	return plugin.HandlerFunc(func(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
		name := r.Question[0].Name
		rec, match := b.Find(name)
		if rec != nil && rec.Answers(r.Question[0].Qtype) {
			return b.ServeRecord(ctx, w, r, name, rec)
		}
		return b.ServeFromNext(ctx, w, r, name, rec, match)
	})
}

// ask returns what b answers to r.
func ask(t testing.TB, b *Block, r *dns.Msg) *dns.Msg {
	t.Helper()
	w := dnstest.NewRecorder(&test.ResponseWriter{})
	if _, err := handlerOf(b).ServeDNS(t.Context(), w, r); err != nil || w.Msg == nil {
		t.Fatalf("%s: no answer: %v", r.Question[0].Name, err)
	}
	return w.Msg
}

// An answer is not changed by edits of the one before it.
func TestAnswersAreIndependent(t *testing.T) {
	b := exampleBlock(t, nil, recordOf("app.example.org.", nil, "192.0.2.1", "192.0.2.2"), recordOf("*.apps.example.org.", nil, "192.0.2.5"))
	for _, name := range []string{"app.example.org.", "x.apps.example.org."} {
		r := new(dns.Msg).SetQuestion(name, dns.TypeA)
		m := ask(t, b, r)
		want := m.String()
		m.Answer[0] = test.A("x. 1 IN A 203.0.113.1")
		m.Answer = append(m.Answer, test.A("x. 1 IN A 203.0.113.1"))
		if got := ask(t, b, r).String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// Queries for addresses of records cause no query to the next plugins, which may be slow
// or dead. Queries for other names and types cause one.
func TestAddressesNeedNoNextPlugin(t *testing.T) {
	var asked []string
	next := plugin.HandlerFunc(func(_ context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
		asked = append(asked, r.Question[0].Name+" "+dns.TypeToString[r.Question[0].Qtype])
		return dns.RcodeSuccess, w.WriteMsg(new(dns.Msg).SetReply(r))
	})
	names := []string{"app.example.org.", "v4.deep.example.org.", "*.apps.example.org.", "example.org."}
	var records []pool.Record
	for _, name := range names {
		records = append(records, recordOf(name, nil, "192.0.2.1"))
	}
	b := exampleBlock(t, next, records...)
	for _, name := range append(names, "x.apps.example.org.") {
		ask(t, b, new(dns.Msg).SetQuestion(name, dns.TypeA))
		ask(t, b, new(dns.Msg).SetQuestion(name, dns.TypeAAAA))
	}
	if len(asked) > 0 {
		t.Errorf("the next plugin was asked for %v", asked)
	}
	ask(t, b, new(dns.Msg).SetQuestion("deep.example.org.", dns.TypeA))
	ask(t, b, new(dns.Msg).SetQuestion("app.example.org.", dns.TypeTXT))
	if got, want := fmt.Sprint(asked), "[deep.example.org. A app.example.org. TXT]"; got != want {
		t.Errorf("the next plugin was asked for %s, want %s", got, want)
	}
}

// Records in many zones take as many allocations as in one, at the start and for a
// query beside or below them. Comparing two names takes some, so that this finds code
// that compares each name with all others.
func TestZonesCostTheSame(t *testing.T) {
	const n = 1000
	var records []pool.Record
	var many []Zone
	for i := range n {
		name := fmt.Sprintf("r%d.example.org.", i)
		records = append(records, recordOf(name, nil, "192.0.2.1"))
		many = append(many, Zone{name, 5})
	}
	for _, blockZone := range []string{"example.org.", "."} {
		var b *Block
		start := func(zones []Zone) float64 {
			return testing.AllocsPerRun(1, func() {
				b = newBlock(t, nil, blockZone, zones, records...)
				b.OutOfZone()
			})
		}
		one, all := start([]Zone{{"example.org.", 5}}), start(many)
		if all > 3*one {
			t.Errorf("in a block for %s: %v allocations to start with many zones, and %v with one", blockZone, all, one)
		}
		for _, name := range []string{"x.r7.example.org.", "x.example.org."} {
			if cost := queryCost(t, b, name); cost > 20 {
				t.Errorf("in a block for %s: %v allocations for a query for %s", blockZone, cost, name)
			}
		}
	}
}

// queryCost returns how many allocations a query for an address takes.
func queryCost(t testing.TB, b *Block, name string) float64 {
	r, w := new(dns.Msg).SetQuestion(name, dns.TypeA), &test.ResponseWriter{}
	return testing.AllocsPerRun(10, func() {
		if rec, match := b.Find(name); match == zone.OutOfZone {
			b.ServeOutOfZone(t.Context(), w, r)
		} else {
			b.ServeFromNext(t.Context(), w, r, name, rec, match)
		}
	})
}
