package corefile

import (
	"slices"
	"strings"

	"github.com/coredns-failover/failover/plugin/corefile/internal/check"
	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
	"github.com/coredns-failover/failover/plugin/pool"
)

// A poolBlock is a pool as written.
type poolBlock struct {
	at         syntax.Line
	name       string
	endpoints  []endpoint
	policy     pool.Policy
	minHealthy pool.Quorum
	panic      int // per cent, or 0
	weight     int
	prefer     string // an expression, or ""
	svcParams  pool.SvcParams
	health     check.Health

	asksMetadata bool // prefer uses metadata

	policyAt, minHealthyAt, panicAt, asAt syntax.Line // none if they are not set
}

// reservedNames cannot name a pool: they have a meaning of their own where a pool may be
// named.
var reservedNames = []string{"primary", "secondary", "all", "nodata", "servfail", "next", "none"}

var poolProperties = syntax.Join(syntax.Part(check.Properties, (*poolBlock).ofHealth), syntax.Properties[*poolBlock]{
	"endpoint": {
		Usage: "endpoint TARGET [weight N] [name LABEL] [port N] [probe ADDR] [disabled]", Min: 1, Max: syntax.Many,
		Repeatable: true, Read: (*poolBlock).readEndpoint,
	},
	"policy": {
		Usage: "policy all|first|random|round_robin|weighted|hash [COUNT]", Min: 1, Max: 2,
		Read: (*poolBlock).readPolicy,
	},
	"min_healthy": {Usage: "min_healthy N|N%", Min: 1, Max: 1, Read: (*poolBlock).readMinHealthy},
	"panic":       {Usage: "panic N%", Min: 1, Max: 1, Read: (*poolBlock).readPanic},
	"weight":      {Usage: "weight N", Min: 1, Max: 1, Read: (*poolBlock).readPoolWeight},
	"prefer":      {Usage: "prefer EXPR", Min: 1, Max: syntax.Many, Text: true, Read: (*poolBlock).readPrefer},
	"svc_params": {
		Usage: "svc_params KEY[=VALUE]...", Min: 1, Max: syntax.Many, Text: true,
		Read: (*poolBlock).readSvcParams,
	},
	"as": {Usage: "as cname", Min: 1, Max: 1, Read: (*poolBlock).readAs},
})

func (p *poolBlock) ofHealth() *check.Health { return &p.health }

// readRankedPool reads primary or secondary, which are also the names of the pools.
func (b *block) readRankedPool(l syntax.Line) error {
	return b.readPool(l, l.Words[0], l.Words[1:])
}

func (b *block) readNamedPool(l syntax.Line) error {
	name := l.Words[1]
	switch {
	case slices.Contains(reservedNames, name):
		return l.Expected(name, "a NAME that is not reserved, as are %s", strings.Join(reservedNames, ", "))
	case syntax.IsAddress(name):
		return l.Expected(name, "a NAME before the addresses")
	case strings.ContainsFunc(name, func(r rune) bool { return syntax.NotInLabel(r) && r != '.' }):
		return l.Expected(name, "a NAME of letters, digits, '-', '_' and '.'")
	case slices.ContainsFunc(b.pools, func(p *poolBlock) bool { return p.name == name }):
		return l.Expected(name, "a NAME that no other pool has, and it is used twice")
	}
	return b.readPool(l, name, l.Words[2:])
}

// readPool reads the pool at l, and inserts it by its rank. targets are the TARGETs
// after its name.
func (b *block) readPool(l syntax.Line, name string, targets []string) error {
	if len(b.records) > 0 {
		return l.Errf("%s: expected either pools or records in a block, and it has records", l.Words[0])
	}
	p := &poolBlock{at: l, name: name, weight: 1}
	if err := p.readTargets(targets); err != nil {
		return err
	}
	if err := poolProperties.Read("pool "+name, l.Body, p); err != nil {
		return err
	}
	for _, other := range b.pools {
		if p.hasNext() && other.hasNext() {
			return l.Errf("pool %s: expected next in one pool of a record, and pool %s has it already", name, other.name)
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

// complete parses the properties that depend on the number of endpoints.
func (p *poolBlock) complete() error {
	if len(p.endpoints) == 0 {
		return p.at.Errf("pool %s has no endpoint: expected one at least", p.name)
	}
	if n := octets(p.endpoints); n > maxOctets {
		return p.at.Errf("pool %s has %d addresses: %s", p.name, len(p.endpoints), wantOctets)
	}
	if err := p.completePolicy(); err != nil {
		return err
	}
	if err := p.completeMinHealthy(); err != nil {
		return err
	}
	return p.completeAs()
}

// hasNext reports whether the pool has the TARGET next.
func (p *poolBlock) hasNext() bool {
	return slices.ContainsFunc(p.endpoints, func(e endpoint) bool { return e.next })
}
