package corefile

import (
	"slices"
	"time"

	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
	"github.com/coredns-failover/failover/plugin/pool"
)

const (
	defaultMargin = 20 // per cent

	minHold = 10 * time.Millisecond
	maxHold = 7 * 24 * time.Hour
)

// A steering is the property steer and its line.
type steering struct {
	at syntax.Line
	pool.Steer
}

var defaultSteering = &steering{Steer: pool.Steer{Kind: pool.SteerOrder}}

func (b *block) readSteer(l syntax.Line) (err error) {
	s := &steering{at: l, Steer: pool.Steer{Kind: pool.SteerKind(l.Words[1])}}
	b.steer = s
	switch s.Kind {
	case pool.SteerOrder, pool.SteerWeighted:
		return l.RefuseSurplus(2, "steer "+l.Words[1])
	case pool.SteerLatency:
		s.Margin = defaultMargin
		if len(l.Words) > 2 {
			s.Margin, err = l.Percent(l.Words[2], 0, 100)
		}
		return err
	default:
		return l.Expected(l.Words[1], "order, latency or weighted")
	}
}

// validate refuses "steer weighted" if no pool of the record n has a weight.
func (s *steering) validate(n recordName, pools []*poolBlock) error {
	if s.Kind == pool.SteerWeighted && !slices.ContainsFunc(pools, func(p *poolBlock) bool { return p.weight > 0 }) {
		return s.at.Expected("weighted", "a pool of record %s with a weight above 0", n.fqdn)
	}
	return nil
}

func (b *block) readFailback(l syntax.Line) (err error) {
	b.failback = new(pool.Failback)
	switch word := l.Words[1]; word {
	case "auto":
		return l.RefuseSurplus(2, "failback auto")
	case "manual":
		b.failback.Hold = true
		return l.RefuseSurplus(2, "failback manual")
	case "after":
		if len(l.Words) == 2 {
			return l.Errf("failback: missing argument after the word after, expected failback after DURATION")
		}
		b.failback.Hold = true
		b.failback.After, err = l.Duration(l.Words[2], minHold, maxHold, "from "+syntax.Short(minHold)+" to "+syntax.Short(maxHold))
		return err
	default:
		return l.Expected(word, "auto, after DURATION or manual")
	}
}
