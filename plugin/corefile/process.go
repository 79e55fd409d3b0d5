package corefile

import (
	"net/netip"
	"slices"

	"github.com/coredns/caddy"
)

// A Process is what holds for all server blocks of a Corefile, whichever of them
// it stands in. It is complete once all of them have been parsed.
type Process struct {
	ECSFrom []netip.Prefix // resolvers whose client subnets are believed, in the order of the Corefile
}

type processKey struct{}

// processOf returns what all server blocks of an instance share.
func processOf(c *caddy.Controller) *Process {
	if p, ok := c.Get(processKey{}).(*Process); ok {
		return p
	}
	p := new(Process)
	c.Set(processKey{}, p)
	return p
}

// A standing finds, in the storage of an instance, the line of the property of
// that name, which stands in one block of the Corefile.
type standing string

// once refuses a second line of a property, whichever server block that is in.
func once(c *caddy.Controller, l line) error {
	key := standing(l.words[0])
	if first, ok := c.Get(key).(line); ok {
		return l.errf("%s is given twice: it stands at %s:%d already", l.words[0], first.file, first.line)
	}
	c.Set(key, l)
	return nil
}

func (lv *level) readECSFrom(l line) error {
	lv.ecsFromAt = l
	for _, s := range l.words[1:] {
		prefix, err := l.prefix(s)
		switch {
		case err != nil:
			return err
		case slices.Contains(lv.ecsFrom, prefix):
			return l.expected(s, "each CIDR once, and it is given twice")
		}
		lv.ecsFrom = append(lv.ecsFrom, prefix)
	}
	return nil
}

// prefix reads a CIDR, or an address for itself.
func (l line) prefix(s string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(s)
	if addr, noPrefix := netip.ParseAddr(s); noPrefix == nil && addr.Zone() == "" {
		prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	switch {
	case err != nil:
		return prefix, l.expected(s, "an IPv4 or IPv6 prefix such as 192.0.2.0/24, or an address")
	case prefix.Addr().Is4In6():
		return prefix, l.expected(s, "the IPv4 prefix as such")
	case prefix != prefix.Masked():
		return prefix, l.expected(s, "a prefix without bits behind its length, write %s", prefix.Masked())
	}
	return prefix, nil
}

// ecsFrom adds what the block b says of resolvers.
func (p *parser) ecsFrom(c *caddy.Controller, b *level) error {
	if len(b.ecsFrom) == 0 {
		return nil
	}
	if err := once(c, b.ecsFromAt); err != nil {
		return err
	}
	p.config.Process.ECSFrom = b.ecsFrom
	return nil
}
