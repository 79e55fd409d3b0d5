package corefile

import "github.com/coredns-failover/failover/plugin/corefile/internal/syntax"

func (p *poolBlock) readAs(l syntax.Line) error {
	if l.Words[1] != "cname" {
		return l.Expected(l.Words[1], "cname")
	}
	p.asAt = l
	return nil
}

// cname reports whether the pool answers with a CNAME.
func (p *poolBlock) cname() bool { return p.asAt.IsSet() }

// completeAs refuses "as cname" if the pool is not one host name, or has a property that
// chooses among addresses.
func (p *poolBlock) completeAs() error {
	switch {
	case !p.cname():
		return nil
	case len(p.endpoints) > 1:
		return p.asAt.Expected("cname", "one host name in pool %s, and it has %d endpoints", p.name, len(p.endpoints))
	case p.endpoints[0].Host == "":
		return p.asAt.Expected("cname", "a host name in pool %s, and it has %s", p.name, p.endpoints[0])
	}
	for _, l := range []syntax.Line{p.policyAt, p.panicAt} {
		if l.IsSet() {
			return l.Errf("%s: expected none beside as cname, which answers with no address", l.Words[0])
		}
	}
	return nil
}
