package pool

import (
	"iter"
	"net/netip"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/rr"
)

// A Reply is the answer of the next plugins, or of a resolver, for the addresses of a name
// in one family. It is shared and never changed.
type Reply struct {
	CNAMEs []dns.RR // the CNAMEs, and DNAMEs, that lead to the addresses, in order
	Addrs  []dns.RR // A or AAAA, all of one owner; empty if the name has none
	Sigs   []dns.RR // RRSIGs over any of these
	// Negative is the whole message if it has no address, else nil.
	Negative *dns.Msg
	// Aging says that the records are copies from a cache, whose TTLs count down from
	// At on, and not authoritative data.
	Aging bool
	At    time.Time     // when it was received
	TTL   time.Duration // for how long after At it may be kept
}

// Left returns how many seconds of the TTL are left at a time.
func (r *Reply) Left(now time.Time) uint32 {
	left := r.TTL - now.Sub(r.At)
	return uint32(max(0, left/time.Second)) // #nosec G115 -- an hour at most
}

// capped returns a copy of r with no TTL above ttl.
func (r *Reply) capped(ttl uint32) *Reply {
	c := *r
	c.CNAMEs, c.Addrs, c.Sigs = rr.CapTTLs(r.CNAMEs, ttl), rr.CapTTLs(r.Addrs, ttl), rr.CapTTLs(r.Sigs, ttl)
	return &c
}

// All ranges over the addresses of r and their records: over each address once, with the
// first record that has it. r may be nil.
func (r *Reply) All() iter.Seq2[netip.Addr, dns.RR] {
	return func(yield func(netip.Addr, dns.RR) bool) {
		if r == nil {
			return
		}
		seen := make(map[netip.Addr]bool, len(r.Addrs))
		for _, address := range r.Addrs {
			addr, ok := rr.Addr(address)
			if !ok || seen[addr] {
				continue
			}
			seen[addr] = true
			if !yield(addr, address) {
				return
			}
		}
	}
}
