package corefile

import (
	"cmp"
	"maps"
	"net/netip"
	"strings"
)

// An endpoint is one TARGET of a pool as it is written.
type endpoint struct {
	addr     netip.Addr // invalid for a host name and next
	host     string     // absolute and lower case, or ""
	next     bool
	at       line       // where it stands
	probe    netip.Addr // invalid if it is not set
	name     string     // without one its address, or "" if that is not known here
	port     uint16     // 0 if it is not set
	weight   int
	disabled bool
}

// asked is the address that probes ask, and invalid if that is each which the
// endpoint has.
func (e endpoint) asked() netip.Addr { return cmp.Or(e.probe, e.addr) }

// readTargets adds the targets that stand behind the name of the pool.
func (p *poolLevel) readTargets(targets []string) error {
	for _, s := range targets {
		e, err := p.at.target(p.at.words[0], s)
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
	e, err := l.target("endpoint", l.words[1])
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

// An attribute is a word behind an endpoint. It has a value if there is a
// function that reads one.
type attribute struct {
	read func(*endpoint, line, string) error
	next bool // the endpoint next may have it
}

var attributes = map[string]attribute{
	"disabled": {},
	"name":     {read: (*endpoint).readName, next: true},
	"port":     {read: (*endpoint).readPort, next: true},
	"probe":    {read: (*endpoint).readProbe},
	"weight":   {read: (*endpoint).readWeight},
}

func (e *endpoint) readAttributes(l line, words []string) error {
	allowed := e.attributes()
	seen := make(map[string]bool)
	for len(words) > 0 {
		word := words[0]
		a, ok := allowed[word]
		switch {
		case !ok:
			return l.errf("unknown attribute %q of endpoint %s: expected one of %s", word, e, known(allowed))
		case seen[word]:
			return l.errf("endpoint %s: %s is given twice", e, word)
		case a.read != nil && len(words) == 1:
			return l.errf("endpoint %s: missing argument behind %s", e, word)
		}
		seen[word] = true
		words = words[1:]
		if a.read == nil {
			e.disabled = true
			continue
		}
		if err := a.read(e, l, words[0]); err != nil {
			return err
		}
		words = words[1:]
	}
	return nil
}

// attributes returns those that e may have.
func (e *endpoint) attributes() map[string]attribute {
	if !e.next {
		return attributes
	}
	of := maps.Clone(attributes)
	maps.DeleteFunc(of, func(_ string, a attribute) bool { return !a.next })
	return of
}

func (e *endpoint) readName(l line, s string) error {
	if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' }) {
		return l.errf("endpoint name %s: expected a word of ASCII without quotes or backslash", show(s))
	}
	e.name = s
	return nil
}

func (e *endpoint) readPort(l line, s string) error {
	n, err := l.number("endpoint port", s, 1, 65535)
	e.port = uint16(n)
	return err
}

func (e *endpoint) readProbe(l line, s string) (err error) {
	e.probe, err = l.address("endpoint probe", s)
	return err
}

func (e *endpoint) readWeight(l line, s string) (err error) {
	e.weight, err = l.number("endpoint weight", s, 0, maxWeight)
	return err
}

// lookedUp reports whether others know the addresses of e.
func (e endpoint) lookedUp() bool { return !e.addr.IsValid() }

// weighs reports whether e has a share.
func (e endpoint) weighs() bool { return e.weight > 0 }
