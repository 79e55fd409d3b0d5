package corefile

import (
	"net/netip"
	"slices"

	"github.com/coredns/caddy"

	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

// A Process is what holds for all server blocks of a Corefile, whichever of them
// it stands in. It is complete once all of them have been parsed.
type Global struct {
	ECSFrom []netip.Prefix // resolvers whose client subnets are believed, in the order of the Corefile
}

type globalKey struct{}

// globalOf returns what all server blocks of an instance share.
func globalOf(c *caddy.Controller) *Global {
	if p, ok := c.Get(globalKey{}).(*Global); ok {
		return p
	}
	p := new(Global)
	c.Set(globalKey{}, p)
	return p
}

// A standing finds, in the storage of an instance, the line of the property of
// that name, which stands in one block of the Corefile.
type onceKey string

// once refuses a second line of a property, whichever server block that is in.
func oncePerCorefile(c *caddy.Controller, l syntax.Line) error {
	key := onceKey(l.Words[0])
	if first, ok := c.Get(key).(syntax.Line); ok {
		return l.Errf("%s is given twice: it stands at %s already", l.Words[0], first.Place())
	}
	c.Set(key, l)
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

// ecsFrom adds what the block b says of resolvers.
func (p *parser) ecsFrom(c *caddy.Controller, b *block) error {
	if len(b.ecsFrom) == 0 {
		return nil
	}
	if err := oncePerCorefile(c, b.ecsFromAt); err != nil {
		return err
	}
	p.config.Global.ECSFrom = b.ecsFrom
	return nil
}
