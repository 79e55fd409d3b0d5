// Command coredns is CoreDNS with all of its own plugins and failover.
package main

import (
	"slices"

	"github.com/coredns/coredns/core/dnsserver"
	_ "github.com/coredns/coredns/core/plugin"
	"github.com/coredns/coredns/coremain"

	_ "github.com/coredns-failover/failover"
)

// before is the plugin that failover comes directly before: behind cache,
// dnssec and minimal, and ahead of every plugin that answers from data.
const before = "template"

func main() {
	i := slices.Index(dnsserver.Directives, before)
	if err := dnsserver.SetDirectives(slices.Insert(slices.Clone(dnsserver.Directives), i, "failover")); err != nil {
		panic(err)
	}
	coremain.Run()
}
