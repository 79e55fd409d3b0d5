package corefile

import (
	"slices"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/pool"
)

// NeedsAuthorities reports whether a check verifies certificates with the certificate
// authorities of this system.
func (c *Config) NeedsAuthorities() bool {
	return slices.ContainsFunc(c.Witnesses, needsAuthorities) ||
		slices.ContainsFunc(c.Records, func(rec pool.Record) bool {
			return slices.ContainsFunc(rec.Pools, func(p pool.Pool) bool {
				return slices.ContainsFunc(p.Endpoints, needsAuthorities)
			})
		})
}

func needsAuthorities(e pool.Endpoint) bool {
	return slices.ContainsFunc(e.Checks, func(k healthcheck.Key) bool { return probe.NeedsAuthorities(k.Spec.Check) })
}
