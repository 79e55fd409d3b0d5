package corefile

import (
	"cmp"
	"slices"
	"strings"

	"github.com/coredns-failover/failover/plugin/corefile/internal/check"
	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
	"github.com/coredns-failover/failover/plugin/pool"
)

// resolve returns the record n, which r describes. It inherits from above what r does
// not set.
func resolve(n recordName, r, above *block) (pool.Record, error) {
	ttl := cmp.Or(r.ttl, above.ttl, defaultTTLs)
	steer := cmp.Or(r.steer, above.steer, defaultSteering)
	record := pool.Record{
		Name: n.fqdn, Zone: n.zone, TTL: ttl.most, MinTTL: ttl.least, Steer: steer.Steer,
		Failback: *cmp.Or(r.failback, above.failback, new(pool.Failback)),
	}
	if len(r.pools) == 0 {
		return record, r.at.Errf("record %s has no pool: expected primary, secondary or pool", n.fqdn)
	}
	if err := steer.validate(n, r.pools); err != nil {
		return record, err
	}
	allDown := r.allDown
	if !allDown.IsSet() {
		allDown = above.allDown
	}
	var err error
	if record.AllDown, err = resolveAllDown(allDown, n, r.pools); err != nil {
		return record, err
	}
	health := r.health.Inherit(above.health)
	record.Pools = make([]pool.Pool, 0, len(r.pools))
	for _, p := range r.pools {
		resolved, err := resolvePool(p, n, health, r.at)
		if err != nil {
			return record, err
		}
		record.Pools = append(record.Pools, resolved)
	}
	if !hasEnabled(record.Pools) {
		return record, r.at.Errf("record %s has no endpoint that is not disabled", n.fqdn)
	}
	return record, nil
}

func hasEnabled(pools []pool.Pool) bool {
	return slices.ContainsFunc(pools, func(p pool.Pool) bool {
		return slices.ContainsFunc(p.Endpoints, func(e pool.Endpoint) bool { return !e.Disabled })
	})
}

// resolvePool returns the pool p of the record n at the line at.
func resolvePool(p *poolBlock, n recordName, above check.Health, at syntax.Line) (pool.Pool, error) {
	resolved := pool.Pool{
		Name: p.name, MinHealthy: p.minHealthy, Panic: p.panic, Policy: p.policy,
		Weight: p.weight, Prefer: p.prefer, SvcParams: p.svcParams, CNAME: p.cname(),
	}
	h := p.health.Inherit(above)
	if h.Empty() {
		return resolved, at.Errf("record %s has no check for pool %s: expected one, or check none", n.fqdn, p.name)
	}
	required, err := h.Required()
	if err != nil {
		return resolved, err
	}
	resolved.Endpoints = make([]pool.Endpoint, 0, len(p.endpoints))
	for _, e := range p.endpoints {
		endpoint := pool.Endpoint{
			Addr: e.Addr, Host: e.Host, Next: e.next, Name: e.Name, Weight: e.weight, Disabled: e.disabled,
		}
		if !e.disabled && !h.None() {
			endpoint.Require = required
			if endpoint.Checks, err = h.Keys(check.Subject{Endpoint: e.Endpoint, Record: n.fqdn, Pool: p.name}); err != nil {
				return resolved, err
			}
		}
		resolved.Endpoints = append(resolved.Endpoints, endpoint)
	}
	return resolved, nil
}

// allDownKinds has the arguments of all_down that are not the name of a pool.
var allDownKinds = map[string]pool.AllDownKind{
	"primary":  pool.AllDownPrimary,
	"all":      pool.AllDownAll,
	"nodata":   pool.AllDownNoData,
	"servfail": pool.AllDownServFail,
	"next":     pool.AllDownNext,
}

// resolveAllDown parses l, the line of all_down, for the record n with these pools.
func resolveAllDown(l syntax.Line, n recordName, pools []*poolBlock) (pool.AllDown, error) {
	if !l.IsSet() {
		return pool.AllDown{Kind: pool.AllDownPrimary}, nil
	}
	if kind, ok := allDownKinds[l.Words[1]]; ok {
		if kind == pool.AllDownAll && octetsOfPools(pools) > maxOctets {
			return pool.AllDown{}, l.Errf("all_down all: the pools of record %s have too many addresses: %s", n.fqdn, wantOctets)
		}
		return pool.AllDown{Kind: kind}, nil
	}
	var names []string
	for i, p := range pools {
		if p.name == l.Words[1] {
			return pool.AllDown{Kind: pool.AllDownPool, Pool: i}, nil
		}
		names = append(names, p.name)
	}
	return pool.AllDown{}, l.Expected(l.Words[1], "one of %s, or a pool of record %s, which has %s",
		syntax.Known(allDownKinds), n.fqdn, strings.Join(names, ", "))
}
