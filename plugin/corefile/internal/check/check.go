package check

import (
	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

// A check is one line check and its body, before it is built for an endpoint.
type check struct {
	at   syntax.Line
	typ  string
	kind *kind
	settings

	latest []healthcheck.Key // that Health.Keys returned, of a Health whose first check this is
}

// settings are what the line of a check and its body set. Each type of check has its own
// type for them: *httpCheck, *tcpCheck and so on.
type settings interface {
	// schedule returns the settings that all types have.
	schedule() *timing
	// readArgs reads the arguments after TYPE in the line l.
	readArgs(l syntax.Line, args []string) error
	// build returns the check for s. Its errors name the line of the check, at. It must
	// not change the settings, because it is called for each endpoint.
	build(at syntax.Line, s Subject) (healthcheck.Check, error)
}

// A kind describes one TYPE of check.
type kind struct {
	text       bool // an argument may have spaces and braces in it
	properties syntax.Properties[settings]
	empty      func() settings          // returns new settings
	equal      func(a, b settings) bool // whether two settings of this kind are equal
}

// kindOf returns the kind with settings of type T and the properties of table.
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

// withText marks the arguments of k as text, and returns k.
func withText(k *kind) *kind {
	k.text = true
	return k
}

// kinds has the kind of each TYPE of check.
var kinds = map[string]*kind{
	"dns":        kindOf(dnsProperties),
	"exec":       withText(kindOf(execProperties)),
	"file":       kindOf(fileProperties),
	"grpc":       kindOf(grpcProperties),
	"http":       kindOf(httpProperties),
	"https":      kindOf(httpProperties),
	"heartbeat":  kindOf(heartbeatProperties),
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
	if err := l.VerifyArgs(k.text, false); err != nil {
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

// key returns the key of the checker for s. Without an address it applies to every address of s.
func (c *check) key(s Subject) (healthcheck.Key, error) {
	built, err := c.build(c.at, s)
	spec := c.schedule().Spec
	spec.Check = built
	return healthcheck.Key{Spec: spec, Addr: s.Probe}, err
}
