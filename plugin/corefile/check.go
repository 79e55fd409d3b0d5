package corefile

import (
	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
)

// A check is a check as it is written.
type check struct {
	at   line
	root func() string
	auth string // the property that authenticates, if there is one

	timeout, fastInterval line // without words if they are not set

	settings
}

// settings are all that a check's line and body say. Two lines that say the
// same have equal settings.
type settings struct {
	typ    string
	target probe.Target
	spec   healthcheck.Spec // without Check
	http   probe.HTTP       // what is not HTTP's default, Target and TLS aside
	grpc   probe.GRPC       // what is not GRPC's default, Target and TLSOptions aside
	dns    probe.DNS        // what is not DNS's default, Target and TLS aside

	tls        probe.TLS        // min_validity and alpn
	dialogue   probe.Dialogue   // of tcp, tls and udp
	path       string           // of file
	exec       probe.Exec       // Path and Args
	prometheus probe.Prometheus // TLS and Query

	proxyProtocol byte // of the PROXY header, or 0
}

const checkUsage = "check TYPE [ARG...] [{...}]"

// A checkType is what one TYPE takes and makes.
type checkType struct {
	noTarget bool // it has no ARG
	path     bool // its ARG may have a PATH
	// args reads what stands behind TYPE; nil for at most one ARG.
	args       func(*check, []string) error
	text       bool // arguments are text, not words
	properties properties[*check]
	// build makes the check of an endpoint.
	build func(*check, subject) (healthcheck.Check, error)
}

// checkTypes are the checks by their word.
var checkTypes = map[string]checkType{
	"dns":        {args: (*check).readDNS, properties: dnsProperties, build: buildDNS},
	"exec":       {args: (*check).readExec, text: true, properties: timingProperties, build: buildExec},
	"file":       {args: (*check).readPath, properties: timingProperties, build: buildFile},
	"grpc":       {properties: grpcProperties, build: buildGRPC},
	"http":       {path: true, properties: join(timingProperties, sourceProperties, proxyProperties, httpProperties, tlsProperties), build: buildHTTP},
	"https":      {path: true, properties: join(timingProperties, sourceProperties, proxyProperties, httpProperties, tlsProperties), build: buildHTTP},
	"icmp":       {noTarget: true, properties: join(timingProperties, sourceProperties), build: buildICMP},
	"none":       {noTarget: true},
	"prometheus": {args: (*check).readPrometheus, text: true, properties: prometheusProperties, build: buildPrometheus},
	"tcp":        {properties: tcpProperties, build: buildTCP},
	"tls":        {properties: tlsCheckProperties, build: buildTLS},
	"udp":        {properties: join(timingProperties, sourceProperties, dialogueProperties), build: buildUDP},
}

func (h *health) readCheck(l line) error {
	typ := l.words[1]
	t, ok := checkTypes[typ]
	switch {
	case hasBrace(typ):
		return l.errf(errBraces)
	case !ok:
		return l.errf("unknown check type %q: expected one of %s", typ, known(checkTypes))
	}
	if err := l.wellFormed(t.text, false); err != nil {
		return err
	}
	c := &check{at: l, root: h.root, settings: settings{typ: typ, spec: defaultSpec()}}
	if err := c.readArgs(t, l.words[2:]); err != nil {
		return err
	}
	if err := t.properties.read("check "+typ, l.body, c); err != nil {
		return err
	}
	if err := c.completeTiming(); err != nil {
		return err
	}
	if err := c.completeWatch(); err != nil {
		return err
	}
	return h.add(c)
}

func (c *check) readArgs(t checkType, args []string) error {
	switch {
	case t.args != nil:
		return t.args(c, args)
	case len(args) == 0:
		return nil
	case len(args) > 1:
		return c.at.errf("check: surplus argument %s, expected check %s [ARG]", show(args[1]), c.typ)
	case t.noTarget:
		return c.at.errf("check %s: surplus argument %s, expected none", c.typ, show(args[0]))
	}
	var err error
	c.target, err = readTarget(c.at, args[0], t.path)
	return err
}

func (h *health) add(c *check) error {
	for _, other := range h.checks {
		switch {
		case other.settings == c.settings:
			return c.at.errf("duplicate check %s: it stands at line %d already", c.typ, other.at.line)
		case other.typ == "none" || c.typ == "none":
			return c.at.errf("check %s: check none stands alone", c.typ)
		}
	}
	h.checks = append(h.checks, c)
	return nil
}

// A subject is an endpoint of a record, or a witness: that has no pool, and its
// own name or address for a record's name.
type subject struct {
	endpoint
	record name
	pool   string
}

// key is the check of the endpoint of s.
func (c *check) key(s subject) (healthcheck.Key, error) {
	built, err := checkTypes[c.typ].build(c, s)
	spec := c.spec
	spec.Check = built
	return healthcheck.Key{Spec: spec, Addr: s.asked()}, err
}

// port is the port that is asked about the endpoint e, or 0 if none is set.
func (c *check) port(e endpoint) uint16 {
	if c.target.Port != 0 {
		return c.target.Port
	}
	return e.port
}
