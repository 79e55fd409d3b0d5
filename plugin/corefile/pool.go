package corefile

import (
	"slices"
	"strings"

	"github.com/coredns-failover/failover/plugin/pool"
)

// A poolBlock is a pool as it is written.
type poolBlock struct {
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

var poolProperties = join(part(healthProperties, (*poolBlock).ofHealth), properties[*poolBlock]{
	"endpoint": {
		usage: "endpoint TARGET [weight N] [name LABEL] [port N] [probe ADDR] [disabled]", min: 1, max: many,
		repeatable: true, read: (*poolBlock).readEndpoint,
	},
	"policy": {
		usage: "policy all|first|random|round_robin|weighted|hash [COUNT]", min: 1, max: 2,
		read: (*poolBlock).readPolicy,
	},
	"min_healthy": {usage: "min_healthy N|N%", min: 1, max: 1, read: (*poolBlock).readMinHealthy},
	"panic":       {usage: "panic N%", min: 1, max: 1, read: (*poolBlock).readPanic},
	"weight":      {usage: "weight N", min: 1, max: 1, read: (*poolBlock).readPoolWeight},
	"prefer":      {usage: "prefer EXPR", min: 1, max: many, text: true, read: (*poolBlock).readPrefer},
	"svc_params": {
		usage: "svc_params KEY[=VALUE]...", min: 1, max: many, text: true,
		read: (*poolBlock).readSvcParams,
	},
	"as": {usage: "as cname", min: 1, max: 1, read: (*poolBlock).readAs},
})

func (p *poolBlock) ofHealth() *health { return &p.health }

// readRankedPool reads primary or secondary, where the property is the name.
func (b *block) readRankedPool(l line) error {
	return b.readPool(l, l.words[0], l.words[1:])
}

func (b *block) readNamedPool(l line) error {
	name := l.words[1]
	switch {
	case slices.Contains(reserved, name):
		return l.expected(name, "a NAME that is not reserved, as are %s", strings.Join(reserved, ", "))
	case isAddress(name):
		return l.expected(name, "a NAME before the addresses")
	case strings.ContainsFunc(name, func(r rune) bool { return notInLabel(r) && r != '.' }):
		return l.expected(name, "a NAME of letters, digits, '-', '_' and '.'")
	case slices.ContainsFunc(b.pools, func(p *poolBlock) bool { return p.name == name }):
		return l.expected(name, "a NAME that no other pool has, and it is used twice")
	}
	return b.readPool(l, name, l.words[2:])
}

// readPool reads a pool with these targets behind its name. A pool is kept in
// the rank that it has.
func (b *block) readPool(l line, name string, targets []string) error {
	if len(b.records) > 0 {
		return l.errf("%s: expected either pools or records in a block, and it has records", l.words[0])
	}
	p := &poolBlock{at: l, name: name, weight: 1}
	if err := p.readTargets(targets); err != nil {
		return err
	}
	if err := poolProperties.read("pool "+name, l.body, p); err != nil {
		return err
	}
	for _, other := range b.pools {
		if p.hasNext() && other.hasNext() {
			return l.errf("pool %s: expected next in one pool of a record, and pool %s has it already", name, other.name)
		}
	}
	b.pools = append(b.pools, p)
	slices.SortStableFunc(b.pools, func(a, b *poolBlock) int { return a.rank() - b.rank() })
	return p.complete()
}

func (p *poolBlock) rank() int {
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
func (p *poolBlock) complete() error {
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

// hasNext reports whether the plugins behind say what is in the pool.
func (p *poolBlock) hasNext() bool {
	return slices.ContainsFunc(p.endpoints, func(e endpoint) bool { return e.next })
}
