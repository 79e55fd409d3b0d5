package corefile

import (
	"net/netip"

	"github.com/coredns-failover/failover/plugin/corefile/internal/check"
	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
	"github.com/coredns-failover/failover/plugin/pool"
)

// A block is a failover block or a record in it, as written.
type block struct {
	at      syntax.Line
	allDown syntax.Line // none if it is not set
	pools   []*poolBlock
	health  check.Health

	ttl      *ttls // nil if it is not set, as are failback and steer
	failback *pool.Failback
	steer    *steering

	blockOnly
}

// blockOnly has the properties of a failover block that a record cannot have.
type blockOnly struct {
	records   []*block
	witness   *poolBlock     // nil if it is not set
	ecsFrom   []netip.Prefix // empty if it is not set
	ecsFromAt syntax.Line
	api       *apiBlock // nil if it is not set
	state     *State    // the same
}

// hasGlobal reports whether b sets something for all server blocks.
func (b *blockOnly) hasGlobal() bool {
	return b.witness != nil || len(b.ecsFrom) > 0 || b.api != nil || b.state != nil
}

// ttls are the MAX and the MIN of ttl, in seconds.
type ttls struct{ most, least uint32 }

var defaultTTLs = &ttls{DefaultTTL, DefaultTTL}

var recordProperties = syntax.Join(syntax.Part(check.Properties, (*block).ofHealth), syntax.Properties[*block]{
	"primary": {Usage: "primary [TARGET...] [{...}]", Max: syntax.Many, Braces: true, Read: (*block).readRankedPool},
	"secondary": {
		Usage: "secondary [TARGET...] [{...}]", Max: syntax.Many, Braces: true, Read: (*block).readRankedPool,
	},
	"pool": {
		Usage: "pool NAME [TARGET...] [{...}]", Min: 1, Max: syntax.Many, Repeatable: true, Braces: true,
		Read: (*block).readNamedPool,
	},
	"ttl": {Usage: "ttl MAX [MIN]", Min: 1, Max: 2, Read: (*block).readTTL},
	"all_down": {
		Usage: "all_down primary|all|nodata|servfail|next|POOL", Min: 1, Max: 1, Read: (*block).readAllDown,
	},
	"failback": {Usage: "failback auto|after DURATION|manual", Min: 1, Max: 2, Read: (*block).readFailback},
	"steer":    {Usage: "steer order|latency [MARGIN]|weighted", Min: 1, Max: 2, Read: (*block).readSteer},
})

var blockProperties = syntax.Join(recordProperties, syntax.Properties[*block]{
	"record": {Usage: "record NAME... {...}", Min: 1, Max: syntax.Many, Repeatable: true, Braces: true,
		Read: (*block).readRecord},
	"witness":  {Usage: "witness TARGET... [{...}]", Min: 1, Max: syntax.Many, Braces: true, Read: (*block).readWitness},
	"ecs_from": {Usage: "ecs_from CIDR...", Min: 1, Max: syntax.Many, Read: (*block).readECSFrom},
	"api":      {Usage: "api ADDR [{...}]", Min: 1, Max: 1, Braces: true, Read: (*block).readAPI},
	"state":    {Usage: "state FILE [MAX_AGE]", Min: 1, Max: 2, Read: (*block).readState},
})

func (b *block) ofHealth() *check.Health { return &b.health }

func (b *block) readTTL(l syntax.Line) error {
	most, err := l.Number("ttl", l.Words[1], 0, maxTTL)
	if err != nil {
		return err
	}
	least := most
	if len(l.Words) > 2 {
		var ok bool
		if least, ok = syntax.Digits(l.Words[2]); !ok || least > most {
			return l.Expected(l.Words[2], "MIN to be a number from 0 to %d, which is MAX", most)
		}
	}
	b.ttl = &ttls{uint32(most), uint32(least)} // #nosec G115 -- both are at most maxTTL
	return nil
}

// readAllDown keeps the line, because it may name a pool that comes later.
func (b *block) readAllDown(l syntax.Line) error {
	b.allDown = l
	return nil
}

func (b *block) readRecord(l syntax.Line) error {
	if len(b.pools) > 0 {
		return l.Errf("record %s: expected either pools or records in a block, and it has the pool %s",
			syntax.Show(l.Words[1]), b.pools[0].name)
	}
	r := &block{at: l}
	b.records = append(b.records, r)
	if err := recordProperties.Read("record", l.Body, r); err != nil {
		return err
	}
	return r.health.Validate()
}
