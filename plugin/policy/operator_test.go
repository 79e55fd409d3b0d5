package policy

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/override"
	"github.com/coredns-failover/failover/plugin/pool"
)

// An operated record is one that the operator has a word about.
type operated struct{ *pool.Tracker }

func (o operated) Place() pool.Place    { return pool.Place{Record: o.Record().Name, Server: "dns://:53"} }
func (o operated) Config() *pool.Record { return o.Record() }

// For random sequences of overrides, their ends, releases, reloads and results, the answer
// is that of the model.
func TestOperators(t *testing.T) {
	rounds := 150
	if testing.Short() {
		rounds = 30
	}
	for seed := range uint64(rounds) {
		rng := rand.New(rand.NewPCG(seed, 12))
		inLab(t, func(l *lab) *pool.Record { return anyRecord(rng, l) }, func(w *world) {
			c := &comparison{world: w, model: newModel(w.rec, time.Now()), seed: seed}
			c.overrides = override.NewSet(w.reg.Clock(), func(override.What, override.Override) {})
			c.overrides.Attach(operated{w.chain})
			now := make(second)
			c.follow(now)
			for range 60 {
				c.operate(rng)
				if next := now.change(rng, w.rec).conclusive(); rng.IntN(3) > 0 {
					now = next
				}
				for addr, r := range now {
					w.lab.tell(addr, r)
				}
				time.Sleep(200 * time.Millisecond) // those that end have ended
				c.model.operate(c.overrides.List(), time.Now().Add(-100*time.Millisecond))
				c.compare()
				time.Sleep(800 * time.Millisecond)
				c.follow(now)
				c.compare()
				if w.Failed() {
					return
				}
			}
		})
		if t.Failed() {
			return
		}
	}
}

// conclusive returns s without results that could not ask: a reload forgets how many there
// were.
func (s second) conclusive() second {
	for addr, r := range s {
		if r == healthcheck.Inconclusive {
			s[addr] = healthcheck.Fail
		}
	}
	return s
}

// operate does one thing that an operator may do, or nothing.
func (c *comparison) operate(rng *rand.Rand) {
	switch n := rng.IntN(12); {
	case n < 5:
		c.override(rng)
	case n == 5:
		if list := c.overrides.List(); len(list) > 0 {
			c.overrides.Remove(oneOf(rng, list...).ID, "somebody")
		}
	case n == 6:
		c.release()
	case n == 7:
		c.reload()
	default:
		return
	}
	c.model.operate(c.overrides.List(), time.Now())
	c.compare()
}

// override sets one that ends a tenth of a second after some second has begun its half, and
// checks that the effects that were announced are what comes.
func (c *comparison) override(rng *rand.Rand) {
	change := override.Change{Reason: "a test", For: fmt.Sprintf("%d.1s", 1+rng.IntN(12))}
	p := &c.rec.Pools[rng.IntN(len(c.rec.Pools))]
	addr := p.Endpoints[rng.IntN(len(p.Endpoints))].Addr.String()
	any := []pool.Action{pool.ForceUp, pool.ForceDown, pool.Drain}
	change.Action = oneOf(rng, any...)
	change.Record = c.rec.Name
	switch rng.IntN(7) {
	case 0:
		change.Action = pool.Freeze
	case 1:
		change.Action, change.Pool = pool.Use, p.Name
	case 2, 3:
		change.Pool = p.Name
	case 4:
		change.Record, change.Address = "", addr
	default:
		change.Pool, change.Endpoint = p.Name, addr
	}
	dry, err := c.overrides.Apply(override.Request{Changes: []override.Change{change}, DryRun: true, Force: true}, "somebody")
	if err != nil {
		if change.Action != pool.ForceUp {
			c.errorf("%+v: %v", change, err)
		}
		return
	}
	before := c.outcome()
	if _, err := c.overrides.Apply(override.Request{Changes: []override.Change{change}, Force: true}, "somebody"); err != nil {
		c.errorf("%+v: %v", change, err)
	}
	after := c.outcome()
	switch {
	case len(dry.Effects) == 0 && before != after:
		c.errorf("%+v: %s became %s, and no effect was announced", change, before, after)
	case len(dry.Effects) == 1 && (text2(dry.Effects[0].Before) != before || text2(dry.Effects[0].After) != after):
		c.errorf("%+v: %s became %s, and announced was %+v", change, before, after, dry.Effects)
	}
}

func text2(o override.Outcome) string { return fmt.Sprint(o) }

// outcome returns what is answered now.
func (c *comparison) outcome() string {
	v := c.chain.View()
	return text2(override.Outcome{State: v.State, Pool: c.chain.PoolName(v.Pool), A: v.Published(1), AAAA: v.Published(28)})
}

// release ends all holds.
func (c *comparison) release() {
	released := c.chain.Release("a test")
	c.model.expire(time.Now())
	var want []string
	for p := range c.model.pools {
		if c.model.pools[p].held {
			c.model.pools[p].held = false
			want = append(want, c.rec.Pools[p].Name)
		}
	}
	if !slices.Equal(released, want) {
		c.errorf("released %v, want %v", released, want)
	}
}

// reload replaces the record by an equal one.
func (c *comparison) reload() {
	old, rec := c.chain, *c.rec
	c.chain = pool.NewTracker(&rec, nobody{})
	c.overrides.Attach(operated{c.chain})
	c.chain.Start(c.reg, old)
	c.overrides.Detach(operated{old})
	old.Stop(c.reg)
}
