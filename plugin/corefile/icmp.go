package corefile

import "github.com/coredns-failover/failover/healthcheck"

// buildICMP opens a socket, but sends nothing: whether this process may ping
// does not change while it runs, and no target is to blame if it may not.
func buildICMP(c *check, s subject) (healthcheck.Check, error) {
	if err := healthcheck.CanPing(s.asked()); err != nil {
		return nil, c.at.errf("check icmp: %v", err)
	}
	return healthcheck.ICMP{}, nil
}
