package corefile

import (
	"cmp"
	"strings"

	"github.com/coredns-failover/failover/healthcheck"
)

const prometheusUsage = "check prometheus URL QUERY"

var prometheusProperties = join(timingProperties, sourceProperties, tlsProperties,
	properties[*check]{"header": httpProperties["header"], "bearer": httpProperties["bearer"]})

// readPrometheus reads URL QUERY. It shows a URL only once that has no password
// in it.
func (c *check) readPrometheus(args []string) error {
	switch {
	case len(args) < 2:
		return c.at.errf("check prometheus: missing argument, expected %s", prometheusUsage)
	case len(args) > 2:
		return c.at.errf("check prometheus: surplus argument %s, expected %s; a QUERY with spaces is written in quotes",
			show(args[2]), prometheusUsage)
	case strings.TrimSpace(args[1]) == "":
		return c.at.errf("check prometheus: QUERY is empty")
	}
	c.prometheus.Query = strings.TrimSpace(args[1])
	return c.readServer(args[0])
}

func (c *check) readServer(s string) (err error) {
	scheme, rest, ok := strings.Cut(s, "://")
	scheme = strings.ToLower(scheme)
	c.prometheus.TLS = scheme == "https"
	switch {
	case strings.ContainsAny(s, "@?#"):
		return c.at.errf("check prometheus URL: expected http(s)://HOST[:PORT][/PREFIX] without user, query and fragment")
	case !ok || scheme != "http" && scheme != "https":
		return c.at.errf("check prometheus %s: expected http(s)://HOST[:PORT][/PREFIX]", show(s))
	case rest == "" || rest[0] == ':' || rest[0] == '/':
		return c.at.errf("check prometheus %s: expected http(s)://HOST[:PORT][/PREFIX] with a HOST", show(s))
	}
	c.target, err = readTarget(c.at, rest, true)
	return err
}

func buildPrometheus(c *check, _ subject) (healthcheck.Check, error) {
	p := c.prometheus
	p.Server = c.target
	p.Server.Port = cmp.Or(c.target.Port, defaultPort(p.TLS))
	p.Server.Path = strings.TrimRight(c.target.Path, "/")
	p.Headers, p.Bearer, p.TLSOptions = c.http.Headers, c.http.Bearer, c.http.TLSOptions
	return p, nil
}
