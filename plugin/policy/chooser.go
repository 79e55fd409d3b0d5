package policy

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"time"

	"github.com/coredns/coredns/plugin/pkg/expression"
	"github.com/coredns/coredns/request"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"github.com/coredns-failover/failover/plugin/pool"
)

// A Chooser picks the pool that answers a client of one record.
type Chooser struct {
	prefer          []*vm.Program // as the pools; nil for a pool without prefer
	prefers         bool
	draws           bool // by weight
	ids             []uint64
	delays          []uint32 // the inverses of the weights, as in pool.Family; 0 if the weight is 0
	dependsOnClient bool
}

// NewChooser returns the Chooser of rec. It compiles the expressions of prefer as the view
// plugin compiles its own, and fails if one is wrong or is not a boolean.
func NewChooser(rec *pool.Record) (*Chooser, error) {
	draws := rec.Steer.Kind == pool.SteerWeighted
	switch {
	case draws || slices.ContainsFunc(rec.Pools, func(p pool.Pool) bool { return p.Prefer != "" }):
	case slices.ContainsFunc(rec.Pools, func(p pool.Pool) bool { return p.Policy.Kind == pool.Hash }):
		return byPolicy, nil
	default:
		return fixed, nil
	}
	c := &Chooser{prefer: make([]*vm.Program, len(rec.Pools)), draws: draws, dependsOnClient: true}
	for i, p := range rec.Pools {
		c.ids = append(c.ids, nameID(p.Name))
		c.delays = append(c.delays, delay(p.Weight))
		if p.Prefer == "" {
			continue
		}
		prog, err := Compile(p.Prefer)
		if err != nil {
			return nil, fmt.Errorf("prefer of pool %s: %w", p.Name, err)
		}
		c.prefer[i], c.prefers = prog, true
	}
	return c, nil
}

// Most records have one of these: their pool does not depend on the client, and the
// endpoints of the pool do or do not.
var byPolicy, fixed = &Chooser{dependsOnClient: true}, &Chooser{}

// nameID returns a hash of the name of a pool that is the same in every server and for
// every order of the pools.
func nameID(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return pool.Mix(h.Sum64())
}

// Compile compiles an expression about a query.
func Compile(text string) (*vm.Program, error) {
	env := expression.DefaultEnv(context.Background(), nil)
	return expr.Compile(text, expr.Env(env), expr.DisableBuiltin("type"), expr.AsBool()) // "type" is in env
}

// DependsOnClient reports whether any answer of the record depends on the client.
func (c *Chooser) DependsOnClient() bool { return c.dependsOnClient }

// Pool returns the pool of v that answers a client at the time now, and the stage that
// decided it.
func (c *Chooser) Pool(ctx context.Context, v *pool.View, state request.Request, client Client, now time.Time) (int, pool.Stage) {
	if !v.Choose {
		return v.Pool, v.By
	}
	if c.prefers {
		if p := c.preferred(ctx, v, state, client); p != pool.None {
			return p, pool.ByPrefer
		}
	}
	if c.draws {
		return c.draw(v, client, now), pool.BySteer
	}
	return v.Pool, v.By
}

// preferred returns the first pool in rank that the client prefers, or pool.None.
func (c *Chooser) preferred(ctx context.Context, v *pool.View, state request.Request, client Client) int {
	e := exprEnvOf(ctx, state, client)
	defer e.release()
	for _, p := range v.Ranked {
		if prog := c.prefer[p]; prog != nil && e.isTrue(prog) {
			return p
		}
	}
	return pool.None
}

// draw returns a pool drawn in proportion to the weights: the winner of the race of a
// subnet in a minute. If a pool fails within the minute, only its own clients move.
func (c *Chooser) draw(v *pool.View, client Client, now time.Time) int {
	minute := uint64(now.Unix() / 60) // #nosec G115 -- after 1970
	r := raceOf(pool.Mix(client.subnet()) + minute)
	best, winner := math.Inf(1), v.Pool
	for _, p := range v.Ranked {
		if c.delays[p] == 0 {
			continue
		}
		if t := arrival(r.draw(c.ids[p]), c.delays[p], false); t < best {
			best, winner = t, p
		}
	}
	return winner
}

func delay(weight int) uint32 {
	if weight == 0 {
		return 0
	}
	return uint32(1 << 31 / weight) // #nosec G115 -- at most 2^31
}
