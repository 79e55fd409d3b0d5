package corefile

import (
	"net/netip"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
)

// buildICMP opens a socket, but sends nothing: whether this process may ping
// does not change while it runs, and no target is to blame if it may not.
func buildICMP(c *check, s subject) (healthcheck.Check, error) {
	addrs := []netip.Addr{s.asked()}
	if !addrs[0].IsValid() {
		addrs = []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()}
	}
	for _, addr := range addrs {
		if err := probe.CanPing(addr); err != nil {
			return nil, c.at.errf("check icmp: %v", err)
		}
	}
	return probe.ICMP{}, nil
}
