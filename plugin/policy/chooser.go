package policy

import (
	"context"
	"fmt"
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
	rec     *pool.Record
	prefer  []*vm.Program // as the pools; nil for one that nobody prefers
	prefers bool
}

// NewChooser compiles what clients prefer, as the view plugin compiles its
// expressions. It fails if one is not an expression, or gives no boolean.
func NewChooser(rec *pool.Record) (*Chooser, error) {
	c := &Chooser{rec: rec, prefer: make([]*vm.Program, len(rec.Pools))}
	for i, p := range rec.Pools {
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

// Compile compiles an expression about a query.
func Compile(text string) (*vm.Program, error) {
	env := expression.DefaultEnv(context.Background(), nil)
	return expr.Compile(text, expr.Env(env), expr.DisableBuiltin("type"), expr.AsBool()) // "type" is in env
}

// TellsApart reports whether any answer of the record depends on the client.
func (c *Chooser) TellsApart() bool {
	return c.prefers || c.rec.Steer.Kind == pool.SteerWeighted ||
		slices.ContainsFunc(c.rec.Pools, func(p pool.Pool) bool { return NeedsClient(p.Policy.Kind) })
}

// Pool returns the pool of v that answers a client at a time, and the stage that
// decided for it.
func (c *Chooser) Pool(ctx context.Context, v *pool.View, state request.Request, client Client, now time.Time) (int, pool.Stage) {
	if !v.Choose {
		return v.Pool, v.By
	}
	if c.prefers {
		if p := c.preferred(ctx, v, state, client); p != pool.None {
			return p, pool.ByPrefer
		}
	}
	if c.rec.Steer.Kind == pool.SteerWeighted {
		return c.draw(v, client, now), pool.BySteer
	}
	return v.Pool, v.By
}

// preferred returns the first in rank of the pools that a client prefers, or
// pool.None. An expression that fails is not true.
func (c *Chooser) preferred(ctx context.Context, v *pool.View, state request.Request, client Client) int {
	env := expression.DefaultEnv(ctx, &state)
	if client.ECS != nil {
		env["client_ip"] = func() string { return client.Addr.String() }
	}
	for _, p := range v.Ranked {
		if prog := c.prefer[p]; prog != nil {
			if is, err := expr.Run(prog, env); err == nil && is == true {
				return p
			}
		}
	}
	return pool.None
}

// draw returns a pool in proportion to the weights, the same for all clients of
// a subnet for a minute.
func (c *Chooser) draw(v *pool.View, client Client, now time.Time) int {
	var total uint64
	for _, p := range v.Ranked {
		total += c.weight(p)
	}
	if total == 0 {
		return v.Pool
	}
	minute := uint64(now.Unix() / 60)            // #nosec G115 -- after 1970
	at := mix(client.hash()^mix(minute)) % total // the bias of the remainder is far below a millionth
	for _, p := range v.Ranked {
		if w := c.weight(p); at < w {
			return p
		} else {
			at -= w
		}
	}
	return v.Pool
}

func (c *Chooser) weight(p int) uint64 { return uint64(c.rec.Pools[p].Weight) } // #nosec G115 -- 0 to 65535
