package corefile

import (
	"slices"
	"strings"

	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
	"github.com/coredns-failover/failover/plugin/pool"
)

// defaultCounts has the default COUNT of each policy: the most endpoints of an answer,
// or 0 for all.
var defaultCounts = map[string]int{
	string(pool.All):        0,
	string(pool.First):      1,
	string(pool.Random):     1,
	string(pool.RoundRobin): 1,
	string(pool.Weighted):   1,
	string(pool.Hash):       1,
}

const (
	maxWeight = 65535
	// maxUnknown limits COUNT and min_healthy in a pool with names: at most so many
	// addresses of a name are used.
	maxUnknown = 256
)

func (p *poolBlock) readPolicy(l syntax.Line) error {
	p.policyAt = l
	return nil
}

func (p *poolBlock) readMinHealthy(l syntax.Line) error {
	p.minHealthyAt = l
	return nil
}

func (p *poolBlock) readPanic(l syntax.Line) (err error) {
	p.panicAt = l
	p.panic, err = l.Percent(l.Words[1], 1, 100)
	return err
}

func (p *poolBlock) readPoolWeight(l syntax.Line) (err error) {
	p.weight, err = l.Number("weight", l.Words[1], 0, maxWeight)
	return err
}

// size returns the highest number of endpoints that a property may have, and the reason
// in words.
func (p *poolBlock) size() (n int, what string) {
	n = len(p.endpoints)
	if slices.ContainsFunc(p.endpoints, endpoint.lookedUp) {
		return max(n, maxUnknown), "the most that can be known of the pool"
	}
	return n, "the endpoints of the pool"
}

// usesWeights reports whether k uses the weights of endpoints.
func usesWeights(k pool.PolicyKind) bool { return k == pool.Weighted || k == pool.Hash }

// completePolicy parses policy when all endpoints are known.
func (p *poolBlock) completePolicy() (err error) {
	l := p.policyAt
	if !l.IsSet() {
		p.policy = pool.Policy{Kind: pool.All}
		return nil
	}
	kind := l.Words[1]
	count, ok := defaultCounts[kind]
	if !ok {
		return l.Expected(kind, "one of %s", syntax.Known(defaultCounts))
	}
	if len(l.Words) > 2 {
		n, _ := p.size()
		count, err = l.Number("policy "+kind, l.Words[2], 1, n)
	}
	p.policy = pool.Policy{Kind: pool.PolicyKind(kind), Count: count}
	if err == nil && usesWeights(p.policy.Kind) && !slices.ContainsFunc(p.endpoints, endpoint.weighted) {
		err = l.Expected(kind, "an endpoint with a weight above 0 in pool %s", p.name)
	}
	return err
}

// completeMinHealthy parses min_healthy when all endpoints are known.
func (p *poolBlock) completeMinHealthy() (err error) {
	l := p.minHealthyAt
	if !l.IsSet() {
		p.minHealthy = pool.Quorum{Count: 1}
		return nil
	}
	s := l.Words[1]
	if strings.HasSuffix(s, "%") {
		p.minHealthy.Percent, err = l.Percent(s, 1, 100)
		return err
	}
	n, ok := syntax.Digits(s)
	if most, what := p.size(); !ok || n < 1 || n > most {
		return l.Expected(s, "a number from 1 to %d, %s, or 1%% to 100%%", most, what)
	}
	p.minHealthy.Count = n
	return nil
}
