package flapping

import (
	"github.com/coredns/caddy"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/corefile"
)

// Settings returns the Spec of a check with properties in a Corefile. Without properties,
// that is the defaults.
func Settings(properties ...string) (healthcheck.Spec, error) {
	text := "failover {\nprimary 192.0.2.1\ncheck tcp :80 {\n"
	for _, p := range properties {
		text += p + "\n"
	}
	c := caddy.NewTestController("dns", text+"}\n}")
	c.ServerBlockKeys = []string{"dns://example.org.:53"}
	config, err := corefile.Parse(c)
	if err != nil {
		return healthcheck.Spec{}, err
	}
	return config.Records[0].Pools[0].Endpoints[0].Checks[0].Spec, nil
}
