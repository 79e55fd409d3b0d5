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

// defaultTTL is how long is believed what comes without a TTL, as from /etc/hosts.
const defaultTTL = 30 * time.Second

// A hostResolver looks names up as the programs of this host do: in /etc/hosts, and
// at the servers in /etc/resolv.conf.
type hostResolver struct {
	dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Lookup implements [Resolver]. Go's resolver tells no TTLs: these are read from the
// messages that it gets.
func (r *hostResolver) Lookup(ctx context.Context, name string, qtype uint16) (*pool.Reply, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	var heard recorder
	res := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := r.dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return heard.wrap(c), nil
	}}
	network := "ip4"
	if qtype == dns.TypeAAAA {
		network = "ip6"
	}
	addrs, err := res.LookupNetIP(ctx, network, name)
	replies := heard.replies(name, qtype)
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

// hasOnlyOtherFamily recognises the error of a name in /etc/hosts that has addresses
// of the other family only.
func hasOnlyOtherFamily(err error) bool {
	var e *net.AddrError
	return errors.As(err, &e)
}

// positive returns the reply that has all of addrs, or makes one.
func positive(name string, addrs []netip.Addr, replies []*pool.Reply) *pool.Reply {
	own := &pool.Reply{At: time.Now(), TTL: defaultTTL}
	for _, a := range addrs {
		if a = a.Unmap(); a.Zone() == "" { // an address with one means nothing elsewhere
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

// addressesOf returns those of a reply. An IPv4 address in the form of IPv6 is
// that IPv4 address, as to Go's resolver.
func addressesOf(r *pool.Reply) map[netip.Addr]bool {
	addrs := make(map[netip.Addr]bool)
	for a := range r.All() {
		addrs[a.Unmap()] = true
	}
	return addrs
}

// negative returns the last reply that has no address, or makes one.
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
