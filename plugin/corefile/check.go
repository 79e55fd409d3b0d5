package corefile

import "github.com/coredns-failover/failover/healthcheck"

// A check is a check as it is written.
type check struct {
	at   line
	typ  string
	kind *kind
	settings
}

// settings are what the line and the body of a check say: a *httpCheck, a
// *tcpCheck and so on.
type settings interface {
	schedule() *timing
	// readArgs reads what stands behind TYPE in the line l.
	readArgs(l line, args []string) error
	// build returns the check of the endpoint of s, which the line at describes.
	build(at line, s subject) (healthcheck.Check, error)
}

// A kind is one TYPE of check.
type kind struct {
	text       bool // arguments are text, not words
	properties properties[settings]
	empty      func() settings          // what says nothing yet
	equal      func(a, b settings) bool // both are of this kind
}

// kindOf returns the kind of check whose settings are a T, and whose body has
// these properties.
func kindOf[T comparable, P interface {
	*T
	settings
}](table properties[P]) *kind {
	return &kind{
		properties: part(table, func(s settings) P { return s.(P) }),
		empty:      func() settings { return P(new(T)) },
		equal:      func(a, b settings) bool { return *a.(P) == *b.(P) },
	}
}

// withText returns k with arguments that are text.
func withText(k *kind) *kind {
	k.text = true
	return k
}

// kinds are the checks by their TYPE.
var kinds = map[string]*kind{
	"dns":        kindOf(dnsProperties),
	"exec":       withText(kindOf(execProperties)),
	"file":       kindOf(fileProperties),
	"grpc":       kindOf(grpcProperties),
	"http":       kindOf(httpProperties),
	"https":      kindOf(httpProperties),
	"icmp":       kindOf(icmpProperties),
	"none":       kindOf(properties[*noCheck]{}),
	"prometheus": withText(kindOf(prometheusProperties)),
	"tcp":        kindOf(tcpProperties),
	"tls":        kindOf(tlsCheckProperties),
	"udp":        kindOf(udpProperties),
}

func (h *health) readCheck(l line) error {
	typ := l.words[1]
	k, ok := kinds[typ]
	switch {
	case hasBrace(typ):
		return l.errf(errBraces)
	case !ok:
		return l.errf("unknown check type %q: expected one of %s", typ, known(kinds))
	}
	if err := l.wellFormed(k.text, false); err != nil {
		return err
	}
	c := &check{at: l, typ: typ, kind: k, settings: k.empty()}
	t := c.schedule()
	t.Spec = defaultSpec()
	if err := c.readArgs(l, l.words[2:]); err != nil {
		return err
	}
	if err := k.properties.read("check "+typ, l.body, c.settings); err != nil {
		return err
	}
	if err := t.complete(l); err != nil {
		return err
	}
	return h.add(c)
}

func (h *health) add(c *check) error {
	for _, other := range h.checks {
		switch {
		case other.kind == c.kind && c.kind.equal(other.settings, c.settings):
			return c.at.errf("duplicate check %s: it stands at line %d already", c.typ, other.at.no)
		case other.typ == "none" || c.typ == "none":
			return c.at.errf("check %s: check none stands alone", c.typ)
		}
	}
	h.checks = append(h.checks, c)
	return nil
}

// key is the check of the endpoint of s.
func (c *check) key(s subject) (healthcheck.Key, error) {
	built, err := c.build(c.at, s)
	spec := c.schedule().Spec
	spec.Check = built
	return healthcheck.Key{Spec: spec, Addr: s.asked()}, err
}
