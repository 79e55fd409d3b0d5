package lookup

import (
	"context"
	"errors"
	"maps"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
	"github.com/coredns-failover/failover/plugin/rr"
)

// defaultTTL is the TTL of addresses that come without one, as from /etc/hosts.
const defaultTTL = 30 * time.Second

// A hostResolver looks up names as the programs of this host do: in /etc/hosts, and with
// the servers in /etc/resolv.conf.
type hostResolver struct {
	dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Lookup implements resolver. Go's resolver returns no TTLs: they come from the
// messages that it receives.
func (r *hostResolver) Lookup(ctx context.Context, name string, qtype uint16) (*pool.Reply, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	var rec recorder
	res := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := r.dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return rec.wrap(c), nil
	}}
	network := "ip4"
	if qtype == dns.TypeAAAA {
		network = "ip6"
	}
	addrs, err := res.LookupNetIP(ctx, network, name)
	replies := rec.replies(name, qtype)
	switch {
	case err == nil:
		return positive(name, addrs, replies), nil
	case isNotFound(err):
		return negative(name, qtype, dns.RcodeNameError, replies), nil
	case hasOnlyOtherFamily(err):
		return negative(name, qtype, dns.RcodeSuccess, replies), nil
	default:
		return nil, err
	}
}

func isNotFound(err error) bool {
	var e *net.DNSError
	return errors.As(err, &e) && e.IsNotFound
}

// hasOnlyOtherFamily reports whether err is that of a name in /etc/hosts with addresses
// of the other family only.
func hasOnlyOtherFamily(err error) bool {
	var e *net.AddrError
	return errors.As(err, &e)
}

// positive returns the last reply with exactly addrs, or a new one.
func positive(name string, addrs []netip.Addr, replies []*pool.Reply) *pool.Reply {
	own := &pool.Reply{At: time.Now(), TTL: defaultTTL}
	for _, a := range addrs {
		if a = a.Unmap(); a.Zone() == "" { // an address with a zone is valid on this host only
			own.Addrs = append(own.Addrs, rr.NewAddress(name, a, uint32(defaultTTL/time.Second)))
		}
	}
	want := addressesOf(own)
	for _, r := range slices.Backward(replies) {
		if r.Negative == nil && maps.Equal(addressesOf(r), want) {
			return r
		}
	}
	return own
}

// addressesOf returns the addresses of a reply, IPv4-mapped ones as IPv4, as Go's
// resolver does.
func addressesOf(r *pool.Reply) map[netip.Addr]bool {
	addrs := make(map[netip.Addr]bool)
	for a := range r.All() {
		addrs[a.Unmap()] = true
	}
	return addrs
}

// negative returns the last negative reply, or a new one.
func negative(name string, qtype uint16, rcode int, replies []*pool.Reply) *pool.Reply {
	for _, r := range slices.Backward(replies) {
		if r.Negative != nil {
			return r
		}
	}
	m := new(dns.Msg)
	m.SetQuestion(name, qtype)
	m.Response, m.RecursionAvailable, m.Rcode = true, true, rcode
	return &pool.Reply{Negative: m, At: time.Now(), TTL: defaultTTL}
}
