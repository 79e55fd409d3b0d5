package check

import (
	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

// A check is a check as it is written.
type check struct {
	at   syntax.Line
	typ  string
	kind *kind
	settings
}

// settings are what the line and the body of a check say: a *httpCheck, a
// *tcpCheck and so on.
type settings interface {
	schedule() *timing
	// readArgs reads what stands behind TYPE in the line l.
	readArgs(l syntax.Line, args []string) error
	// build returns the check of the endpoint of s, which the line at describes.
	build(at syntax.Line, s Subject) (healthcheck.Check, error)
}

// A kind is one TYPE of check.
type kind struct {
	text       bool // arguments are text, not words
	properties syntax.Properties[settings]
	empty      func() settings          // what says nothing yet
	equal      func(a, b settings) bool // both are of this kind
}

// kindOf returns the kind of check whose settings are a T, and whose body has
// these properties.
func kindOf[T comparable, P interface {
	*T
	settings
}](table syntax.Properties[P]) *kind {
	return &kind{
		properties: syntax.Part(table, func(s settings) P { return s.(P) }),
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
	"none":       kindOf(syntax.Properties[*noCheck]{}),
	"prometheus": withText(kindOf(prometheusProperties)),
	"tcp":        kindOf(tcpProperties),
	"tls":        kindOf(tlsCheckProperties),
	"udp":        kindOf(udpProperties),
}

func (h *Health) readCheck(l syntax.Line) error {
	typ := l.Words[1]
	k, ok := kinds[typ]
	switch {
	case syntax.HasBrace(typ):
		return l.Errf(syntax.ErrBraces)
	case !ok:
		return l.Errf("unknown check type %q: expected one of %s", typ, syntax.Known(kinds))
	}
	if err := l.WellFormed(k.text, false); err != nil {
		return err
	}
	c := &check{at: l, typ: typ, kind: k, settings: k.empty()}
	t := c.schedule()
	t.Spec = defaultSpec()
	if err := c.readArgs(l, l.Words[2:]); err != nil {
		return err
	}
	if err := k.properties.Read("check "+typ, l.Body, c.settings); err != nil {
		return err
	}
	if err := t.complete(l); err != nil {
		return err
	}
	return h.add(c)
}

func (h *Health) add(c *check) error {
	for _, other := range h.checks {
		switch {
		case other.kind == c.kind && c.kind.equal(other.settings, c.settings):
			return c.at.Errf("duplicate check %s: it stands at line %d already", c.typ, other.at.No)
		case other.typ == "none" || c.typ == "none":
			return c.at.Errf("check %s: check none stands alone", c.typ)
		}
	}
	h.checks = append(h.checks, c)
	return nil
}

// key is the check of the endpoint of s.
func (c *check) key(s Subject) (healthcheck.Key, error) {
	built, err := c.build(c.at, s)
	spec := c.schedule().Spec
	spec.Check = built
	return healthcheck.Key{Spec: spec, Addr: s.asked()}, err
}
