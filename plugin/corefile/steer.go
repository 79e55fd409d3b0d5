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

func (lv *level) readSteer(l line) (err error) {
	s := &steering{at: l, Steer: pool.Steer{Kind: pool.SteerKind(l.words[1])}}
	lv.steer = s
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
func (s *steering) fits(n name, pools []*poolLevel) error {
	if s.Kind == pool.SteerWeighted && !slices.ContainsFunc(pools, func(p *poolLevel) bool { return p.weight > 0 }) {
		return s.at.expected("weighted", "a pool of record %s with a weight above 0", n.name)
	}
	return nil
}

func (lv *level) readFailback(l line) (err error) {
	lv.failback = new(pool.Failback)
	switch word := l.words[1]; word {
	case "auto":
		return l.noMore(2, "failback auto")
	case "manual":
		lv.failback.Hold = true
		return l.noMore(2, "failback manual")
	case "after":
		if len(l.words) == 2 {
			return l.errf("failback: missing argument behind after, expected failback after DURATION")
		}
		lv.failback.Hold = true
		lv.failback.After, err = l.duration(l.words[2], minHold, maxHold, "from "+short(minHold)+" to "+short(maxHold))
		return err
	default:
		return l.expected(word, "auto, after DURATION or manual")
	}
}
