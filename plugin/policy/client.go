package policy

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"slices"

	"github.com/miekg/dns"
)

// Clients in a subnet of this length get the same answer: they are likely to be behind
// the same router.
const (
	subnetBits4 = 24
	subnetBits6 = 56
)

// A Client is whom an answer is for: the sender of the query or, if that is a trusted
// resolver, the client that it sends with the query. The zero value is an unknown client.
type Client struct {
	Addr netip.Addr // of the client, or the first of its subnet
	// ECS is the client subnet option of a trusted resolver (RFC 7871), or nil.
	ECS *dns.EDNS0_SUBNET
}

// errECS is the error for a malformed client subnet option.
var errECS = errors.New("malformed client subnet")

// ClientOf returns the client of r, which w answers. It uses the client subnet option if
// the query is from a resolver in ecsFrom. If that option is malformed, it
// returns an error, and the answer must be FORMERR (RFC 7871, section 7.1.2).
func ClientOf(w dns.ResponseWriter, r *dns.Msg, ecsFrom []netip.Prefix) (Client, error) {
	c := Client{Addr: addrOf(w.RemoteAddr())}
	if len(ecsFrom) == 0 || !slices.ContainsFunc(ecsFrom, func(p netip.Prefix) bool { return p.Contains(c.Addr) }) {
		return c, nil
	}
	opt := r.IsEdns0()
	if opt == nil {
		return c, nil
	}
	for _, o := range opt.Option {
		if ecs, ok := o.(*dns.EDNS0_SUBNET); ok {
			return c.withSubnet(ecs)
		}
	}
	return c, nil
}

// withSubnet returns the client in ecs, for which the resolver c asks. A prefix length of 0
// says that the client does not want to be identified: then the resolver counts as the
// client (section 7.1.2).
//
// The parser of the message has refused lengths beyond those of the family, and has hidden
// whether the address had too few or too many octets.
func (c Client) withSubnet(ecs *dns.EDNS0_SUBNET) (Client, error) {
	ip := ecs.Address
	if ecs.Family != 2 {
		ip = ip.To4()
	}
	addr, ok := netip.AddrFromSlice(ip)
	prefix := netip.PrefixFrom(addr, int(ecs.SourceNetmask))
	if !ok || !prefix.IsValid() || prefix.Masked() != prefix || ecs.SourceScope != 0 {
		return c, errECS
	}
	c.ECS = ecs
	if ecs.SourceNetmask > 0 {
		c.Addr = addr.Unmap()
	}
	return c, nil
}

// addrOf returns the IP address in addr, or the zero value.
func addrOf(addr net.Addr) netip.Addr {
	if u, ok := addr.(interface{ Unwrap() net.Addr }); ok { // as those of the proxyproto plugin
		if inner := u.Unwrap(); inner != nil {
			addr = inner
		}
	}
	var ap netip.AddrPort
	switch a := addr.(type) {
	case nil:
	case *net.UDPAddr:
		ap = a.AddrPort()
	case *net.TCPAddr:
		ap = a.AddrPort()
	default:
		ap, _ = netip.ParseAddrPort(addr.String())
	}
	return ap.Addr().Unmap().WithZone("")
}

// subnet returns the prefix of the client's subnet, as a number that is the same in every
// server.
func (c Client) subnet() uint64 {
	b := c.Addr.As16()
	if c.Addr.Is4() {
		return binary.BigEndian.Uint64(b[8:]) &^ (1<<(32-subnetBits4) - 1)
	}
	return binary.BigEndian.Uint64(b[:8]) &^ (1<<(64-subnetBits6) - 1)
}
