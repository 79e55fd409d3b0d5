package check

import (
	"cmp"
	"strings"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

const prometheusUsage = "check prometheus URL QUERY"

// A prometheusCheck has the settings of check prometheus.
type prometheusCheck struct {
	timing
	credentials
	probe.Prometheus // without the fields that credentials has
}

var _ settings = (*prometheusCheck)(nil)

var prometheusProperties = syntax.Join(
	syntax.Part(networkProperties, (*prometheusCheck).schedule),
	syntax.Part(headerProperties, (*prometheusCheck).asCredentials),
	syntax.Part(tlsProperties, func(c *prometheusCheck) *probe.TLSOptions { return &c.TLSOptions }),
)

// readArgs reads URL QUERY. Its errors show a URL only if it contains no password.
func (c *prometheusCheck) readArgs(l syntax.Line, args []string) error {
	switch {
	case len(args) < 2:
		return l.Errf("check prometheus: missing argument, expected %s", prometheusUsage)
	case len(args) > 2:
		return l.Errf("check prometheus: surplus argument %s, expected %s; a QUERY with spaces is written in quotes",
			syntax.Show(args[2]), prometheusUsage)
	case strings.TrimSpace(args[1]) == "":
		return l.Errf("check prometheus: QUERY is empty")
	}
	c.Query = strings.TrimSpace(args[1])
	return c.readServer(l, args[0])
}

func (c *prometheusCheck) readServer(l syntax.Line, s string) (err error) {
	scheme, rest, ok := strings.Cut(s, "://")
	scheme = strings.ToLower(scheme)
	c.TLS = scheme == "https"
	switch {
	case strings.ContainsAny(s, "@?#"):
		return l.Errf("check prometheus URL: expected http(s)://HOST[:PORT][/PREFIX] without user, query and fragment")
	case !ok || scheme != "http" && scheme != "https":
		return l.Errf("check prometheus %s: expected http(s)://HOST[:PORT][/PREFIX]", syntax.Show(s))
	case rest == "" || rest[0] == ':' || rest[0] == '/':
		return l.Errf("check prometheus %s: expected http(s)://HOST[:PORT][/PREFIX] with a HOST", syntax.Show(s))
	}
	c.Server, err = readTarget(l, rest, true)
	return err
}

func (c *prometheusCheck) build(syntax.Line, Subject) (healthcheck.Check, error) {
	p := c.Prometheus
	p.Server.Port = cmp.Or(p.Server.Port, defaultPort(p.TLS))
	p.Server.Path = strings.TrimRight(p.Server.Path, "/")
	p.Headers, p.Bearer = c.headers, c.bearer
	return p, nil
}
