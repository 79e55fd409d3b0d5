package check

import (
	"net/netip"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

// An icmpCheck has the settings of check icmp.
type icmpCheck struct{ timing }

var _ settings = (*icmpCheck)(nil)

var icmpProperties = syntax.Part(networkProperties, (*icmpCheck).schedule)

func (*icmpCheck) readArgs(l syntax.Line, args []string) error { return refuseArgs(l, args) }

// build returns an error if this process may not ping. That does not change while it
// runs, and says nothing about a target.
func (*icmpCheck) build(at syntax.Line, s Subject) (healthcheck.Check, error) {
	addrs := []netip.Addr{s.probed()}
	if !addrs[0].IsValid() {
		addrs = []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()}
	}
	for _, addr := range addrs {
		if err := probe.CanPing(addr); err != nil {
			return nil, at.Errf("check icmp: %v", err)
		}
	}
	return probe.ICMP{}, nil
}
