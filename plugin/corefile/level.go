package corefile

// A level is where record properties stand: a failover block or a record in it.
type level struct {
	at      line
	ttl     *uint32 // nil if it is not set
	allDown line    // without words if it is not set
	pools   []*poolLevel
	health  health
	records []*level   // of a block
	witness *poolLevel // of a block; nil if it is not set
}

func newLevel(at line, root func() string) *level {
	return &level{at: at, health: health{root: root}}
}

func (lv *level) ttlOr(ttl uint32) uint32 {
	if lv.ttl == nil {
		return ttl
	}
	return *lv.ttl
}

var recordProperties = properties[*level]{
	"primary": {usage: "primary [TARGET...] [{...}]", max: many, braces: true, read: (*level).readRankedPool},
	"secondary": {
		usage: "secondary [TARGET...] [{...}]", max: many, braces: true, read: (*level).readRankedPool,
	},
	"pool": {
		usage: "pool NAME [TARGET...] [{...}]", min: 1, max: many, repeatable: true, braces: true,
		read: (*level).readNamedPool,
	},
	"check": {
		usage: checkUsage, min: 1, max: many, repeatable: true, braces: true, text: true,
		read: (*level).readCheck,
	},
	"require": {usage: requireUsage, min: 1, max: 1, read: (*level).readRequire},
	"ttl":     {usage: "ttl MAX", min: 1, max: 1, read: (*level).readTTL},
	"all_down": {
		usage: "all_down primary|all|nodata|servfail|next|POOL", min: 1, max: 1, read: (*level).readAllDown,
	},
	"failback": {usage: "failback auto", min: 1, max: 1, read: (*level).readFailback},
}

var blockProperties = join(recordProperties, properties[*level]{
	"record": {usage: "record NAME... {...}", min: 1, max: many, repeatable: true, braces: true,
		read: (*level).readRecord},
	"witness": {usage: "witness TARGET... [{...}]", min: 1, max: many, braces: true, read: (*level).readWitness},
})

func (lv *level) readCheck(l line) error   { return lv.health.readCheck(l) }
func (lv *level) readRequire(l line) error { return lv.health.readRequire(l) }

func (lv *level) readTTL(l line) error {
	n, err := l.number("ttl", l.words[1], 0, 65535)
	ttl := uint32(n)
	lv.ttl = &ttl
	return err
}

// readAllDown keeps the line: which pools there are is known once a record is
// resolved.
func (lv *level) readAllDown(l line) error {
	lv.allDown = l
	return nil
}

func (lv *level) readFailback(l line) error {
	if l.words[1] != "auto" {
		return l.expected(l.words[1], "auto")
	}
	return nil
}

func (lv *level) readRecord(l line) error {
	if len(lv.pools) > 0 {
		return l.errf("record %s: expected either pools or records in a block, and it has the pool %s",
			show(l.words[1]), lv.pools[0].name)
	}
	r := newLevel(l, lv.health.root)
	lv.records = append(lv.records, r)
	if err := recordProperties.read("record", l.body, r); err != nil {
		return err
	}
	return r.health.validate()
}
