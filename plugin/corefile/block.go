package corefile

import (
	"net/netip"

	"github.com/coredns-failover/failover/plugin/pool"
)

// A level is where record properties stand: a failover block or a record in it.
type block struct {
	at      line
	allDown line // without words if it is not set
	pools   []*poolBlock
	health  health

	ttl      *ttls // nil if it is not set, as the following
	failback *pool.Failback
	steer    *steering

	blockOnly
}

// blockOnly is what only a block has.
type blockOnly struct {
	records   []*block
	witness   *poolBlock     // nil if it is not set
	ecsFrom   []netip.Prefix // empty if it is not set
	ecsFromAt line
}

// hasGlobal reports whether there is something that holds for the process.
func (b *blockOnly) hasGlobal() bool { return b.witness != nil || len(b.ecsFrom) > 0 }

// ttls are what ttl says.
type ttls struct{ most, least uint32 }

var defaultTTLs = &ttls{DefaultTTL, DefaultTTL}

var recordProperties = join(part(healthProperties, (*block).ofHealth), properties[*block]{
	"primary": {usage: "primary [TARGET...] [{...}]", max: many, braces: true, read: (*block).readRankedPool},
	"secondary": {
		usage: "secondary [TARGET...] [{...}]", max: many, braces: true, read: (*block).readRankedPool,
	},
	"pool": {
		usage: "pool NAME [TARGET...] [{...}]", min: 1, max: many, repeatable: true, braces: true,
		read: (*block).readNamedPool,
	},
	"ttl": {usage: "ttl MAX [MIN]", min: 1, max: 2, read: (*block).readTTL},
	"all_down": {
		usage: "all_down primary|all|nodata|servfail|next|POOL", min: 1, max: 1, read: (*block).readAllDown,
	},
	"failback": {usage: "failback auto|after DURATION|manual", min: 1, max: 2, read: (*block).readFailback},
	"steer":    {usage: "steer order|latency [MARGIN]|weighted", min: 1, max: 2, read: (*block).readSteer},
})

var blockProperties = join(recordProperties, properties[*block]{
	"record": {usage: "record NAME... {...}", min: 1, max: many, repeatable: true, braces: true,
		read: (*block).readRecord},
	"witness":  {usage: "witness TARGET... [{...}]", min: 1, max: many, braces: true, read: (*block).readWitness},
	"ecs_from": {usage: "ecs_from CIDR...", min: 1, max: many, read: (*block).readECSFrom},
})

func (b *block) ofHealth() *health { return &b.health }

func (b *block) readTTL(l line) error {
	most, err := l.number("ttl", l.words[1], 0, maxTTL)
	if err != nil {
		return err
	}
	least := most
	if len(l.words) > 2 {
		var ok bool
		if least, ok = digits(l.words[2]); !ok || least > most {
			return l.expected(l.words[2], "MIN to be a number from 0 to %d, which is MAX", most)
		}
	}
	b.ttl = &ttls{uint32(most), uint32(least)} // #nosec G115 -- both are at most maxTTL
	return nil
}

// readAllDown keeps the line: which pools there are is known once a record is
// resolved.
func (b *block) readAllDown(l line) error {
	b.allDown = l
	return nil
}

func (b *block) readRecord(l line) error {
	if len(b.pools) > 0 {
		return l.errf("record %s: expected either pools or records in a block, and it has the pool %s",
			show(l.words[1]), b.pools[0].name)
	}
	r := &block{at: l}
	b.records = append(b.records, r)
	if err := recordProperties.read("record", l.body, r); err != nil {
		return err
	}
	return r.health.validate()
}
