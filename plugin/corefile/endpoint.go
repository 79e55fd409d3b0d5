package corefile

import (
	"cmp"
	"net/netip"
	"strings"

	"github.com/coredns-failover/failover/plugin/corefile/internal/check"
	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

// An endpoint is one TARGET of a pool with its attributes, as written.
type endpoint struct {
	check.Endpoint
	next     bool
	at       syntax.Line
	weight   int
	disabled bool
}

// readTargets adds the TARGETs that follow the name of the pool.
func (p *poolBlock) readTargets(targets []string) error {
	for _, s := range targets {
		e, err := readEndpoint(p.at, p.at.Words[0], s)
		if err != nil {
			return err
		}
		if err := p.add(p.at, e); err != nil {
			return err
		}
	}
	return nil
}

func (p *poolBlock) readEndpoint(l syntax.Line) error {
	e, err := readEndpoint(l, "endpoint", l.Words[1])
	if err != nil {
		return err
	}
	if err := e.readAttributes(l, l.Words[2:]); err != nil {
		return err
	}
	return p.add(l, e)
}

// add adds e, an endpoint at the line l.
func (p *poolBlock) add(l syntax.Line, e endpoint) error {
	e.at = l
	if e.Addr.IsValid() {
		e.Name = cmp.Or(e.Name, e.Addr.String())
	}
	for _, other := range p.endpoints {
		switch {
		case other.sameTarget(e):
			return l.Errf("duplicate endpoint %s: pool %s has it already", e, p.name)
		case other.next || e.next:
			return l.Errf("endpoint %s: expected next to stand alone, and pool %s has %s already", e, p.name, other)
		case other.Name == e.Name && e.Name != "":
			return l.Errf("duplicate endpoint name %s: %s in pool %s has it already", e.Name, other, p.name)
		}
	}
	p.endpoints = append(p.endpoints, e)
	return nil
}

// lookedUp reports whether the addresses of e are not in the Corefile.
func (e endpoint) lookedUp() bool { return !e.Addr.IsValid() }

// weighted reports whether e has a weight above 0.
func (e endpoint) weighted() bool { return e.weight > 0 }

// readEndpoint parses the TARGET s at the line l. what names it in errors.
func readEndpoint(l syntax.Line, what, s string) (e endpoint, err error) {
	e.weight = 1
	if s == check.NextTarget {
		e.next = true
		return e, nil
	}
	if _, err := netip.ParseAddr(s); err == nil {
		e.Addr, err = l.Address(what, s)
		return e, err
	}
	name, ok := syntax.HostName(s)
	switch {
	case !ok:
		return e, l.Errf("%s %s: expected an IPv4 or IPv6 address, a host name or next%s", what, syntax.Show(s), cmp.Or(withoutPort(s), syntax.InASCII(s)))
	case !strings.Contains(name, "."):
		return e, l.Errf("%s %s: expected an address, next or a host name of two labels at least, "+
			"as it is absolute without a dot at its end too", what, syntax.Show(s))
	}
	e.Host = name + "."
	return e, nil
}

// withoutPort returns the end of the error that refuses s: how a port is written. It
// returns "" if s does not end with a port.
func withoutPort(s string) string {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return ""
	}
	host, port := s[:i], s[i+1:]
	if ap, err := netip.ParseAddrPort(s); err == nil {
		host = ap.Addr().String()
	} else if _, ok := syntax.HostName(host); !ok {
		return ""
	}
	if n, ok := syntax.Digits(port); !ok || n < 1 || n > 65535 {
		return ""
	}
	return " without a port; a port is written endpoint " + host + " port " + port
}

// sameTarget reports whether e and other have the same TARGET.
func (e endpoint) sameTarget(other endpoint) bool {
	return e.Addr == other.Addr && e.Host == other.Host && e.next == other.next
}
