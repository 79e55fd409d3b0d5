package corefile

import "cmp"

// An endpoint is one TARGET of a pool as it is written.
type endpoint struct {
	target
	next     bool
	at       line // where it stands
	weight   int
	disabled bool
}

// readTargets adds the targets that stand behind the name of the pool.
func (p *poolLevel) readTargets(targets []string) error {
	for _, s := range targets {
		e, err := readEndpoint(p.at, p.at.words[0], s)
		if err != nil {
			return err
		}
		if err := p.add(p.at, e); err != nil {
			return err
		}
	}
	return nil
}

func (p *poolLevel) readEndpoint(l line) error {
	e, err := readEndpoint(l, "endpoint", l.words[1])
	if err != nil {
		return err
	}
	if err := e.readAttributes(l, l.words[2:]); err != nil {
		return err
	}
	return p.add(l, e)
}

// add adds e, which the line l describes.
func (p *poolLevel) add(l line, e endpoint) error {
	e.at = l
	if e.addr.IsValid() {
		e.name = cmp.Or(e.name, e.addr.String())
	}
	for _, other := range p.endpoints {
		switch {
		case other.same(e):
			return l.errf("duplicate endpoint %s: pool %s has it already", e, p.name)
		case other.next || e.next:
			return l.errf("endpoint %s: expected next to stand alone, and pool %s has %s already", e, p.name, other)
		case other.name == e.name && e.name != "":
			return l.errf("duplicate endpoint name %s: %s in pool %s has it already", e.name, other, p.name)
		}
	}
	p.endpoints = append(p.endpoints, e)
	return nil
}

// lookedUp reports whether others know the addresses of e.
func (e endpoint) lookedUp() bool { return !e.addr.IsValid() }

// weighs reports whether e has a share.
func (e endpoint) weighs() bool { return e.weight > 0 }
