package policy

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/pool"
)

// nobody is an Observer that does nothing.
type nobody struct{}

func (nobody) EndpointChanged(int, string, healthcheck.State) {}
func (nobody) EndpointGone(int, string)                       {}
func (nobody) ViewChanged(_, _ *pool.View, _ string)          {}

// endpoints reads "192.0.2.1 192.0.2.2*5": addresses that are always up, with
// weights.
func endpoints(text string) (es []pool.Endpoint) {
	for _, word := range strings.Fields(text) {
		e := pool.Endpoint{Weight: 1}
		addr, weight, ok := strings.Cut(word, "*")
		if ok {
			fmt.Sscan(weight, &e.Weight)
		}
		e.Addr = netip.MustParseAddr(addr)
		es = append(es, e)
	}
	return es
}

// setOf returns the Set of a pool with these endpoints, all healthy.
func setOf(t testing.TB, kind pool.PolicyKind, count int, text string) *pool.Set {
	t.Helper()
	return viewOf(t, pool.Record{Pools: []pool.Pool{{
		Name: "primary", Policy: pool.Policy{Kind: kind, Count: count}, Endpoints: endpoints(text),
	}}}).Set(0)
}

func viewOf(_ testing.TB, rec pool.Record) *pool.View {
	rec.Name, rec.TTL, rec.MinTTL = "app.example.org.", 5, 5
	if rec.Steer.Kind == "" {
		rec.Steer.Kind = pool.SteerOrder
	}
	return pool.NewTracker(&rec, nobody{}).View()
}

// row returns n addresses, one after the other.
func row(n int) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, "192.0.2.%d ", i+1)
	}
	return s.String()
}

// uneven returns the same with weights from 1 to 7.
func uneven(n int) string {
	words := strings.Fields(row(n))
	for i := range words {
		words[i] += fmt.Sprintf("*%d", i%7+1)
	}
	return strings.Join(words, " ")
}

// client returns the client i of many, each in a subnet of its own.
func client(i int) Client {
	return Client{Addr: netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), byte(i % 200)})}
}

// text returns addresses, separated by spaces.
func text(rrs []dns.RR) string {
	words := make([]string, len(rrs))
	for i, rr := range rrs {
		words[i] = dns.Field(rr, 1)
	}
	return strings.Join(words, " ")
}
