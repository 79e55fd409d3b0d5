package corefile

import (
	"slices"
	"time"

	"github.com/coredns-failover/failover/plugin/pool"
)

const (
	defaultMargin = 20 // per cent

	minHold = 10 * time.Millisecond
	maxHold = 7 * 24 * time.Hour
)

// A steering is what steer says, and where.
type steering struct {
	at line
	pool.Steer
}

var defaultSteering = &steering{Steer: pool.Steer{Kind: pool.SteerOrder}}

func (b *block) readSteer(l line) (err error) {
	s := &steering{at: l, Steer: pool.Steer{Kind: pool.SteerKind(l.words[1])}}
	b.steer = s
	switch s.Kind {
	case pool.SteerOrder, pool.SteerWeighted:
		return l.noMore(2, "steer "+l.words[1])
	case pool.SteerLatency:
		s.Margin = defaultMargin
		if len(l.words) > 2 {
			s.Margin, err = l.percent(l.words[2], 0, 100)
		}
		return err
	default:
		return l.expected(l.words[1], "order, latency or weighted")
	}
}

// fits refuses to draw a pool for the record n if none has a share.
func (s *steering) fits(n recordName, pools []*poolBlock) error {
	if s.Kind == pool.SteerWeighted && !slices.ContainsFunc(pools, func(p *poolBlock) bool { return p.weight > 0 }) {
		return s.at.expected("weighted", "a pool of record %s with a weight above 0", n.fqdn)
	}
	return nil
}

func (b *block) readFailback(l line) (err error) {
	b.failback = new(pool.Failback)
	switch word := l.words[1]; word {
	case "auto":
		return l.noMore(2, "failback auto")
	case "manual":
		b.failback.Hold = true
		return l.noMore(2, "failback manual")
	case "after":
		if len(l.words) == 2 {
			return l.errf("failback: missing argument behind after, expected failback after DURATION")
		}
		b.failback.Hold = true
		b.failback.After, err = l.duration(l.words[2], minHold, maxHold, "from "+short(minHold)+" to "+short(maxHold))
		return err
	default:
		return l.expected(word, "auto, after DURATION or manual")
	}
}
