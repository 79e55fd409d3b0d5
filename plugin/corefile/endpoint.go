package corefile

import (
	"cmp"
	"net/netip"
	"strings"
)

// An endpoint is one address of a pool as it is written.
type endpoint struct {
	addr     netip.Addr
	probe    netip.Addr // invalid if it is not set
	name     string     // the address if it is not set
	port     uint16     // 0 if it is not set
	disabled bool
}

// asked is the address that probes ask.
func (e endpoint) asked() netip.Addr { return cmp.Or(e.probe, e.addr) }

// readTargets adds the addresses that stand behind the name of the pool.
func (p *poolLevel) readTargets(targets []string) error {
	for _, s := range targets {
		addr, err := p.at.address(p.at.words[0], s)
		if err != nil {
			return err
		}
		if err := p.add(p.at, endpoint{addr: addr}); err != nil {
			return err
		}
	}
	return nil
}

func (p *poolLevel) readEndpoint(l line) error {
	addr, err := l.address("endpoint", l.words[1])
	if err != nil {
		return err
	}
	e := endpoint{addr: addr}
	if err := e.readAttributes(l, l.words[2:]); err != nil {
		return err
	}
	return p.add(l, e)
}

// add adds e, which the line l describes.
func (p *poolLevel) add(l line, e endpoint) error {
	e.name = cmp.Or(e.name, e.addr.String())
	for _, other := range p.endpoints {
		switch {
		case other.addr == e.addr:
			return l.errf("duplicate endpoint %s: pool %s has it already", e.addr, p.name)
		case other.name == e.name:
			return l.errf("duplicate endpoint name %s: %s in pool %s has it already", e.name, other.addr, p.name)
		}
	}
	p.endpoints = append(p.endpoints, e)
	return nil
}

// attributes are the words behind an endpoint that have a value.
var attributes = map[string]func(*endpoint, line, string) error{
	"name":  (*endpoint).readName,
	"port":  (*endpoint).readPort,
	"probe": (*endpoint).readProbe,
}

func (e *endpoint) readAttributes(l line, words []string) error {
	seen := make(map[string]bool)
	for len(words) > 0 {
		word := words[0]
		read, ok := attributes[word]
		switch {
		case word != "disabled" && !ok:
			return l.errf("unknown attribute %q of endpoint %s: expected one of disabled, %s",
				word, e.addr, known(attributes))
		case seen[word]:
			return l.errf("endpoint %s: %s is given twice", e.addr, word)
		case ok && len(words) == 1:
			return l.errf("endpoint %s: missing argument behind %s", e.addr, word)
		}
		seen[word] = true
		words = words[1:]
		if !ok {
			e.disabled = true
			continue
		}
		if err := read(e, l, words[0]); err != nil {
			return err
		}
		words = words[1:]
	}
	return nil
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

func (e *endpoint) readProbe(l line, s string) error {
	addr, err := l.address("endpoint probe", s)
	e.probe = addr
	return err
}
