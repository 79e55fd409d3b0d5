package corefile

func (p *poolBlock) readAs(l line) error {
	if l.words[1] != "cname" {
		return l.expected(l.words[1], "cname")
	}
	p.asAt = l
	return nil
}

// cname reports whether the pool answers with an alias.
func (p *poolBlock) cname() bool { return len(p.asAt.words) > 0 }

// completeAs refuses an alias for more or less than one name, and what chooses
// among addresses.
func (p *poolBlock) completeAs() error {
	switch {
	case !p.cname():
		return nil
	case len(p.endpoints) > 1:
		return p.asAt.expected("cname", "one host name in pool %s, and it has %d endpoints", p.name, len(p.endpoints))
	case p.endpoints[0].host == "":
		return p.asAt.expected("cname", "a host name in pool %s, and it has %s", p.name, p.endpoints[0])
	}
	for _, l := range []line{p.policyAt, p.panicAt} {
		if len(l.words) > 0 {
			return l.errf("%s: expected none beside as cname, which answers with no address", l.words[0])
		}
	}
	return nil
}
