package corefile

import (
	"strings"

	"github.com/coredns-failover/failover/plugin/pool"
)

// defaultCounts are the policies, and how many endpoints an answer carries at
// most if it is not said.
var defaultCounts = map[string]int{
	string(pool.All):   0,
	string(pool.First): 1,
}

func (p *poolLevel) readPolicy(l line) error {
	p.policyAt = l
	return nil
}

func (p *poolLevel) readMinHealthy(l line) error {
	p.minHealthyAt = l
	return nil
}

// readPolicy reads the policy of a pool with n endpoints.
func readPolicy(l line, n int) (pool.Policy, error) {
	if len(l.words) == 0 {
		return pool.Policy{Kind: pool.All}, nil
	}
	kind := l.words[1]
	count, ok := defaultCounts[kind]
	if !ok {
		return pool.Policy{}, l.expected(kind, "one of %s", known(defaultCounts))
	}
	var err error
	if len(l.words) > 2 {
		count, err = l.number("policy "+kind, l.words[2], 1, n)
	}
	return pool.Policy{Kind: pool.PolicyKind(kind), Count: count}, err
}

// readMinHealthy reads min_healthy of a pool with n endpoints.
func readMinHealthy(l line, n int) (pool.Quorum, error) {
	if len(l.words) == 0 {
		return pool.Quorum{Count: 1}, nil
	}
	s := l.words[1]
	if strings.HasSuffix(s, "%") {
		share, err := l.percent(s, 1, 100)
		return pool.Quorum{Percent: share}, err
	}
	count, ok := digits(s)
	if !ok || count < 1 || count > n {
		return pool.Quorum{}, l.expected(s, "a number from 1 to %d, the endpoints of the pool, or 1%% to 100%%", n)
	}
	return pool.Quorum{Count: count}, nil
}
