package pool

import (
	"net/netip"

	"github.com/coredns-failover/failover/plugin/rr"
)

// Published returns the addresses of a family that a client gets of whom nothing is
// known, in the order of the Corefile: all that may be picked where the policy depends on
// chance or client.
func (v *View) Published(qtype uint16) []netip.Addr {
	addrs := []netip.Addr{}
	set := v.Set(v.Pool)
	if set == nil || set.CNAME != nil || v.Mode != Answer {
		return addrs
	}
	for _, r := range set.certain(set.Family(qtype).RRs) {
		if a, ok := rr.Addr(r); ok {
			addrs = append(addrs, a)
		}
	}
	return addrs
}
