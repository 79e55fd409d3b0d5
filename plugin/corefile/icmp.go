package corefile

import (
	"net/netip"

	"github.com/coredns-failover/failover/healthcheck"
)

// An icmpCheck is what a check icmp says.
type icmpCheck struct{ timing }

var _ settings = (*icmpCheck)(nil)

var icmpProperties = part(askingProperties, (*icmpCheck).schedule)

func (*icmpCheck) readArgs(l line, args []string) error { return noArgs(l, args) }

// build opens a socket, but sends nothing: whether this process may ping
// does not change while it runs, and no target is to blame if it may not.
func (*icmpCheck) build(at line, s subject) (healthcheck.Check, error) {
	addrs := []netip.Addr{s.asked()}
	if !addrs[0].IsValid() {
		addrs = []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()}
	}
	for _, addr := range addrs {
		if err := healthcheck.CanPing(addr); err != nil {
			return nil, at.errf("check icmp: %v", err)
		}
	}
	return healthcheck.ICMP{}, nil
}
