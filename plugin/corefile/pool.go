package corefile

import (
	"slices"
	"strings"

	"github.com/coredns-failover/failover/plugin/pool"
)

// A poolLevel is a pool as it is written.
type poolLevel struct {
	at         line
	name       string
	endpoints  []endpoint
	policy     pool.Policy
	minHealthy pool.Quorum
	panic      int // per cent, or 0
	weight     int
	prefer     string // an expression, or ""
	svcParams  pool.SvcParams
	health     health

	asksMetadata bool // prefer does

	policyAt, minHealthyAt, panicAt, asAt line // without words if they are not set
}

// reserved are the words that no pool is named by, as they mean something
// where a pool is named.
var reserved = []string{"primary", "secondary", "all", "nodata", "servfail", "next", "none"}

var poolProperties = join(part(healthProperties, (*poolLevel).ofHealth), properties[*poolLevel]{
	"endpoint": {
		usage: "endpoint TARGET [weight N] [name LABEL] [port N] [probe ADDR] [disabled]", min: 1, max: many,
		repeatable: true, read: (*poolLevel).readEndpoint,
	},
	"policy": {
		usage: "policy all|first|random|round_robin|weighted|hash [COUNT]", min: 1, max: 2,
		read: (*poolLevel).readPolicy,
	},
	"min_healthy": {usage: "min_healthy N|N%", min: 1, max: 1, read: (*poolLevel).readMinHealthy},
	"panic":       {usage: "panic N%", min: 1, max: 1, read: (*poolLevel).readPanic},
	"weight":      {usage: "weight N", min: 1, max: 1, read: (*poolLevel).readPoolWeight},
	"prefer":      {usage: "prefer EXPR", min: 1, max: many, text: true, read: (*poolLevel).readPrefer},
	"svc_params": {
		usage: "svc_params KEY[=VALUE]...", min: 1, max: many, text: true,
		read: (*poolLevel).readSvcParams,
	},
	"as": {usage: "as cname", min: 1, max: 1, read: (*poolLevel).readAs},
})

func (p *poolLevel) ofHealth() *health { return &p.health }

// readRankedPool reads primary or secondary, where the property is the name.
func (lv *level) readRankedPool(l line) error {
	return lv.readPool(l, l.words[0], l.words[1:])
}

func (lv *level) readNamedPool(l line) error {
	name := l.words[1]
	switch {
	case slices.Contains(reserved, name):
		return l.expected(name, "a NAME that is not reserved, as are %s", strings.Join(reserved, ", "))
	case isAddress(name):
		return l.expected(name, "a NAME before the addresses")
	case strings.ContainsFunc(name, func(r rune) bool { return notInLabel(r) && r != '.' }):
		return l.expected(name, "a NAME of letters, digits, '-', '_' and '.'")
	case slices.ContainsFunc(lv.pools, func(p *poolLevel) bool { return p.name == name }):
		return l.expected(name, "a NAME that no other pool has, and it is used twice")
	}
	return lv.readPool(l, name, l.words[2:])
}

// readPool reads a pool with these targets behind its name. A pool is kept in
// the rank that it has.
func (lv *level) readPool(l line, name string, targets []string) error {
	if len(lv.records) > 0 {
		return l.errf("%s: expected either pools or records in a block, and it has records", l.words[0])
	}
	p := &poolLevel{at: l, name: name, weight: 1}
	if err := p.readTargets(targets); err != nil {
		return err
	}
	if err := poolProperties.read("pool "+name, l.body, p); err != nil {
		return err
	}
	for _, other := range lv.pools {
		if p.fromBehind() && other.fromBehind() {
			return l.errf("pool %s: expected next in one pool of a record, and pool %s has it already", name, other.name)
		}
	}
	lv.pools = append(lv.pools, p)
	slices.SortStableFunc(lv.pools, func(a, b *poolLevel) int { return a.rank() - b.rank() })
	return p.complete()
}

func (p *poolLevel) rank() int {
	switch p.name {
	case "primary":
		return 0
	case "secondary":
		return 1
	default:
		return 2
	}
}

// complete reads what depends on the number of endpoints.
func (p *poolLevel) complete() error {
	if len(p.endpoints) == 0 {
		return p.at.errf("pool %s has no endpoint: expected one at least", p.name)
	}
	if n := octets(p.endpoints); n > maxOctets {
		return p.at.errf("pool %s has %d addresses: %s", p.name, len(p.endpoints), wantOctets)
	}
	if err := p.completePolicy(); err != nil {
		return err
	}
	if err := p.completeMinHealthy(); err != nil {
		return err
	}
	return p.completeAs()
}

// fromBehind reports whether the plugins behind say what is in the pool.
func (p *poolLevel) fromBehind() bool {
	return slices.ContainsFunc(p.endpoints, func(e endpoint) bool { return e.next })
}
