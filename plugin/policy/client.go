package policy

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"slices"

	"github.com/miekg/dns"
)

// Clients are told apart by their networks: who is behind the same router is to
// get the same answer.
const (
	subnetBits4 = 24
	subnetBits6 = 56
)

// A Client is whom an answer is for: who asks or, if a resolver asks that is
// believed, whom it asks for. The zero value is a client of which nothing is
// known.
type Client struct {
	Addr netip.Addr // of the client, or the first of its subnet
	// ECS is the client subnet that a resolver gave which is believed (RFC 7871),
	// or nil.
	ECS *dns.EDNS0_SUBNET
}

// ErrECS is that of a client subnet option that is malformed.
var ErrECS = errors.New("malformed client subnet")

// ClientOf returns the client of r, which w answers. Client subnets are believed
// that come from resolvers in ecsFrom; one of these that is malformed is an
// [ErrECS], to be answered with FORMERR (RFC 7871, section 7.1.2).
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

// behind returns the client for whom the resolver c asks. A prefix of no length
// says that the client does not want to be told apart: then it is the resolver
// (section 7.1.2 expects no less), and the scope of 0 is that of the source.
//
// Of what makes an option malformed, other lengths than the family has were
// refused before; octets that are missing or too many cannot be told any more.
func (c Client) withSubnet(ecs *dns.EDNS0_SUBNET) (Client, error) {
	ip := ecs.Address
	if ecs.Family != 2 {
		ip = ip.To4()
	}
	addr, ok := netip.AddrFromSlice(ip)
	prefix := netip.PrefixFrom(addr, int(ecs.SourceNetmask))
	if !ok || !prefix.IsValid() || prefix.Masked() != prefix || ecs.SourceScope != 0 {
		return c, ErrECS
	}
	c.ECS = ecs
	if ecs.SourceNetmask > 0 {
		c.Addr = addr.Unmap()
	}
	return c, nil
}

// addrOf returns the address in addr, as far as it has one.
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

// subnet is the same for all clients of a subnet, in every server and at all
// times.
func (c Client) subnet() uint64 {
	b := c.Addr.As16()
	if c.Addr.Is4() {
		return binary.BigEndian.Uint64(b[8:]) &^ (1<<(32-subnetBits4) - 1)
	}
	return binary.BigEndian.Uint64(b[:8]) &^ (1<<(64-subnetBits6) - 1)
}
