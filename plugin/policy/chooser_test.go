package policy

import (
	"context"
	"fmt"
	"math"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/coredns/coredns/plugin/metadata"
	"github.com/coredns/coredns/request"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

// lines makes pools, each "name weight prefer", of one endpoint each. The order
// of those that are left out is kept.
func lines(steer pool.SteerKind, pools ...string) pool.Record {
	rec := pool.Record{Steer: pool.Steer{Kind: steer}}
	for i, line := range pools {
		p := pool.Pool{Policy: pool.Policy{Kind: pool.All}}
		words := strings.SplitN(line, " ", 3)
		p.Name = words[0]
		fmt.Sscan(words[1], &p.Weight)
		if len(words) > 2 {
			p.Prefer = words[2]
		}
		p.Endpoints = []pool.Endpoint{{Addr: netip.AddrFrom4([4]byte{192, 0, 2, byte(i + 1)}), Weight: 1}}
		rec.Pools = append(rec.Pools, p)
	}
	return rec
}

func chooserOf(t testing.TB, rec pool.Record) *Chooser {
	t.Helper()
	c, err := NewChooser(&rec)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func asks(addr, qname string, qtype uint16) request.Request {
	r := new(dns.Msg)
	r.SetQuestion(qname, qtype)
	return request.Request{W: &from{addr: &net.UDPAddr{IP: net.ParseIP(addr), Port: 4711}}, Req: r}
}

// noon is a time at which a minute begins.
var noon = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

func TestPrefer(t *testing.T) {
	tests := []struct {
		name  string
		pools []string
		asks  request.Request
		want  int
		by    pool.Stage
	}{
		{"nobody prefers", []string{"primary 1", "secondary 1"}, asks("10.1.2.3", "app.example.org.", dns.TypeA), 0, pool.ByMinHealthy},
		{"no", []string{"primary 1", "secondary 1 incidr(client_ip(), '10.0.0.0/8')"}, asks("192.0.2.3", "app.example.org.", dns.TypeA), 0, pool.ByMinHealthy},
		{"yes", []string{"primary 1", "secondary 1 incidr(client_ip(), '10.0.0.0/8')"}, asks("10.1.2.3", "app.example.org.", dns.TypeA), 1, pool.ByPrefer},
		{"IPv6", []string{"primary 1", "secondary 1 incidr(client_ip(), '2001:db8::/32')"}, asks("2001:db8::1", "app.example.org.", dns.TypeA), 1, pool.ByPrefer},
		{"both: the first in rank", []string{"primary 1", "secondary 1 true", "far 1 true"}, asks("10.1.2.3", "app.example.org.", dns.TypeA), 1, pool.ByPrefer},
		{"type", []string{"primary 1", "secondary 1 type() == 'AAAA'"}, asks("10.1.2.3", "app.example.org.", dns.TypeAAAA), 1, pool.ByPrefer},
		{"name", []string{"primary 1", "secondary 1 name() startsWith 'app.'"}, asks("10.1.2.3", "APP.example.org.", dns.TypeA), 1, pool.ByPrefer},
		{"metadata", []string{"primary 1", "secondary 1 metadata('geoip/country/code') == 'DE'"}, asks("10.1.2.3", "app.example.org.", dns.TypeA), 1, pool.ByPrefer},
		{"metadata that is not there", []string{"primary 1", "secondary 1 metadata('a/b') != ''"}, asks("10.1.2.3", "app.example.org.", dns.TypeA), 0, pool.ByMinHealthy},
		{"an error is no", []string{"primary 1", "secondary 1 incidr('a', '10.0.0.0/8')", "far 1 incidr(client_ip(), '10.0.0.0/8')"}, asks("10.1.2.3", "app.example.org.", dns.TypeA), 2, pool.ByPrefer},
		{"a panic is no", []string{"primary 1", "secondary 1 [true][bufsize()]"}, asks("10.1.2.3", "app.example.org.", dns.TypeA), 0, pool.ByMinHealthy},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			ctx := metadata.ContextWithMetadata(t.Context())
			metadata.SetValueFunc(ctx, "geoip/country/code", func() string { return "DE" })
			rec := lines(pool.SteerOrder, tc.pools...)
			client, err := ClientOf(tc.asks.W, tc.asks.Req, nil)
			if err != nil {
				t.Fatal(err)
			}
			p, by := chooserOf(t, rec).Pool(ctx, viewOf(t, rec), tc.asks, client, noon)
			if p != tc.want || by != tc.by {
				t.Errorf("got %d by %s, want %d by %s", p, by, tc.want, tc.by)
			}
		})
	}
}

// Expressions see the address of the client of a trusted resolver.
func TestPreferSeesTheSubnet(t *testing.T) {
	rec := lines(pool.SteerOrder, "primary 1", "secondary 1 incidr(client_ip(), '198.51.100.0/24')")
	state := asks("192.0.2.53", "app.example.org.", dns.TypeA)
	ecs := &dns.EDNS0_SUBNET{Code: dns.EDNS0SUBNET, Family: 1, SourceNetmask: 24, Address: net.ParseIP("198.51.100.0")}
	state.Req.SetEdns0(1232, false)
	state.Req.IsEdns0().Option = []dns.EDNS0{ecs}
	for believed, want := range map[string]int{"192.0.2.0/24": 1, "203.0.113.0/24": 0} {
		client, err := ClientOf(state.W, state.Req, []netip.Prefix{netip.MustParsePrefix(believed)})
		if err != nil {
			t.Fatal(err)
		}
		if p, _ := chooserOf(t, rec).Pool(t.Context(), viewOf(t, rec), state, client, noon); p != want {
			t.Errorf("with %s believed: got pool %d, want %d", believed, p, want)
		}
	}
}

func TestExpressionsThatAreRefused(t *testing.T) {
	for _, text := range []string{"client_ip(", "nobody()", "client_ip()", "1", "incidr(1, 2)", "metadata('a/b')"} {
		rec := lines(pool.SteerOrder, "primary 1 "+text)
		if _, err := NewChooser(&rec); err == nil || !strings.HasPrefix(err.Error(), "prefer of pool primary: ") {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

// Each pool answers its share of clients, and of the minutes of one client.
func TestSteerWeighted(t *testing.T) {
	tests := []struct {
		pools []string
		want  []float64
	}{
		{[]string{"primary 99", "secondary 1"}, []float64{0.99, 0.01}},
		{[]string{"primary 5", "secondary 3", "far 2"}, []float64{0.5, 0.3, 0.2}},
		{[]string{"primary 0", "secondary 3", "far 1"}, []float64{0, 0.75, 0.25}},
		{[]string{"primary 0", "secondary 0"}, []float64{1, 0}},
	}
	for _, tc := range tests {
		rec := lines(pool.SteerWeighted, tc.pools...)
		c, v := chooserOf(t, rec), viewOf(t, rec)
		count := func(of func(i int) (Client, time.Time)) []float64 {
			got := make([]float64, len(tc.pools))
			for i := range 20_000 {
				cl, now := of(i)
				p, by := c.Pool(context.Background(), v, request.Request{}, cl, now)
				if by != pool.BySteer {
					t.Fatalf("it was decided by %s", by)
				}
				got[p] += 1.0 / 20_000
			}
			return got
		}
		clients := count(func(i int) (Client, time.Time) { return client(i), noon })
		minutes := count(func(i int) (Client, time.Time) { return client(1), noon.Add(time.Duration(i) * time.Minute) })
		for p, want := range tc.want {
			if math.Abs(clients[p]-want) > 0.012 || math.Abs(minutes[p]-want) > 0.012 {
				t.Errorf("%v: got %.3f of clients and %.3f of minutes, want %.3f", tc.pools, clients, minutes, tc.want)
				break
			}
		}
	}
}

// All clients of a subnet stay with a pool for a minute, in both families. If a pool fails
// meanwhile, only its clients move.
func TestSteerWeightedStays(t *testing.T) {
	three := lines(pool.SteerWeighted, "primary 5", "secondary 3", "far 2")
	two := lines(pool.SteerWeighted, "primary 5", "secondary 3", "far 2")
	two.Pools[0].Endpoints[0].Disabled = true
	c, v := chooserOf(t, three), viewOf(t, three)
	without := viewOf(t, two)
	of := func(v *pool.View, addr netip.Addr, qtype uint16, now time.Time) int {
		p, _ := c.Pool(t.Context(), v, asks("192.0.2.53", "app.example.org.", qtype), Client{Addr: addr}, now)
		return p
	}
	changes := 0
	for i := range 1000 {
		addr := client(i).Addr
		was := of(v, addr, dns.TypeA, noon)
		for _, is := range []int{
			of(v, addr, dns.TypeAAAA, noon),
			of(v, addr, dns.TypeA, noon.Add(59*time.Second)),
			of(v, addr.Next(), dns.TypeA, noon),
		} {
			if is != was {
				t.Fatalf("%s is with pool %d, then with %d", addr, was, is)
			}
		}
		if is := of(without, addr, dns.TypeA, noon); is == 0 || was != 0 && is != was {
			t.Fatalf("%s moves from %d to %d without pool 0", addr, was, is)
		}
		if of(v, addr, dns.TypeA, noon.Add(time.Minute)) != was {
			changes++
		}
	}
	if changes < 500 { // 62 % of them
		t.Errorf("%d of 1000 clients change with the minute", changes)
	}
}

func TestPreferComesBeforeSteer(t *testing.T) {
	rec := lines(pool.SteerWeighted, "primary 1", "secondary 0 incidr(client_ip(), '10.0.0.0/8')")
	c, v := chooserOf(t, rec), viewOf(t, rec)
	for addr, want := range map[string]int{"10.0.0.1": 1, "192.0.2.1": 0} {
		state := asks(addr, "app.example.org.", dns.TypeA)
		if p, by := c.Pool(t.Context(), v, state, Client{Addr: netip.MustParseAddr(addr)}, noon); p != want {
			t.Errorf("%s: got %d by %s", addr, p, by)
		}
	}
}

// Only answers that depend on the client have a scope.
func TestDependsOnClient(t *testing.T) {
	order := lines(pool.SteerOrder, "primary 1", "secondary 1")
	latency := lines(pool.SteerLatency, "primary 1", "secondary 1")
	weighted := lines(pool.SteerWeighted, "primary 1", "secondary 1")
	prefer := lines(pool.SteerOrder, "primary 1", "secondary 1 true")
	byWeight := lines(pool.SteerOrder, "primary 1", "secondary 1")
	byWeight.Pools[1].Policy.Kind = pool.Weighted
	hash := lines(pool.SteerOrder, "primary 1", "secondary 1")
	hash.Pools[1].Policy.Kind = pool.Hash
	for i, rec := range []pool.Record{order, latency, byWeight, weighted, prefer, hash} {
		if got := chooserOf(t, rec).DependsOnClient(); got != (i >= 3) {
			t.Errorf("record %d: got %t", i, got)
		}
	}
}
