package corefile

import (
	"maps"
	"net/netip"
	"slices"

	"github.com/coredns/caddy"

	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

// A Global has the properties that apply to all server blocks of a Corefile and may be
// set in any of them. It is complete when all have been parsed.
type Global struct {
	ECSFrom []netip.Prefix // resolvers whose client subnets are trusted, in the order of the Corefile
	API     *API           // nil without one
	State   *State         // nil without one

	heartbeats map[string]syntax.Line // where each is checked first
}

type globalKey struct{}

// globalOf returns the Global of the instance that c belongs to.
func globalOf(c *caddy.Controller) *Global {
	if p, ok := c.Get(globalKey{}).(*Global); ok {
		return p
	}
	p := new(Global)
	c.Set(globalKey{}, p)
	return p
}

// An onceKey is the name of a property that may be set once per Corefile. The storage of
// the instance has the place of the line that sets it under this key.
type onceKey string

// oncePerCorefile refuses the line l if another server block, or this one, has set
// its property before.
func oncePerCorefile(c *caddy.Controller, l syntax.Line) error {
	key := onceKey(l.Words[0])
	if first, ok := c.Get(key).(string); ok {
		return l.Errf("%s is given twice: it stands at %s already", l.Words[0], first)
	}
	c.Set(key, l.Place())
	return nil
}

func (b *block) readECSFrom(l syntax.Line) error {
	b.ecsFromAt = l
	for _, s := range l.Words[1:] {
		prefix, err := l.Prefix(s)
		switch {
		case err != nil:
			return err
		case slices.Contains(b.ecsFrom, prefix):
			return l.Expected(s, "each CIDR once, and it is given twice")
		}
		b.ecsFrom = append(b.ecsFrom, prefix)
	}
	return nil
}

// setECSFrom stores the property ecs_from of the block b.
func (p *parser) setECSFrom(c *caddy.Controller, b *block) error {
	if len(b.ecsFrom) == 0 {
		return nil
	}
	if err := oncePerCorefile(c, b.ecsFromAt); err != nil {
		return err
	}
	p.config.Global.ECSFrom = b.ecsFrom
	return nil
}

// operated stores what of the block b is there to operate the process.
func (p *parser) operated(c *caddy.Controller, b *block) error {
	b.heartbeats(p.config.Global)
	if b.api != nil {
		if err := oncePerCorefile(c, b.api.at); err != nil {
			return err
		}
		p.config.Global.API = &b.api.API
	}
	if b.state != nil {
		if err := oncePerCorefile(c, b.state.at); err != nil {
			return err
		}
		p.config.Global.State = b.state
	}
	return nil
}

// heartbeats notes what b and all that is in it checks.
func (b *block) heartbeats(g *Global) {
	note := func(at syntax.Line, name string) {
		if g.heartbeats == nil {
			g.heartbeats = make(map[string]syntax.Line)
		}
		if _, ok := g.heartbeats[name]; !ok {
			g.heartbeats[name] = at
		}
	}
	b.health.Heartbeats(note)
	for _, p := range b.pools {
		p.health.Heartbeats(note)
	}
	for _, r := range b.records {
		r.heartbeats(g)
	}
	if b.witness != nil {
		b.witness.health.Heartbeats(note)
	}
}

// Validate refuses what only all server blocks together show. It is called when all of
// them have been parsed.
func (g *Global) Validate() error {
	if g.API != nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(g.heartbeats)) {
		return g.heartbeats[name].Errf("check heartbeat %s: expected the property api, by which beats come in", name)
	}
	return nil
}

// Heartbeats returns the names of those that are checked.
func (g *Global) Heartbeats() []string { return slices.Sorted(maps.Keys(g.heartbeats)) }
