package failover

import (
	"context"
	"strings"

	"github.com/coredns/coredns/core/dnsserver"

	"github.com/coredns-failover/failover/plugin/coredns"
	"github.com/coredns-failover/failover/plugin/lookup"
	"github.com/coredns-failover/failover/plugin/zone"
)

// lookThrough says where names are looked up: in own, the server block of f, and by
// way of those that listen where it does.
func (f *Failover) lookThrough(at *coredns.Place, own *dnsserver.Config) {
	f.feeds = lookup.NewFeeds(f.behind, f.block, at.Server(f.servers[0], own), logTrouble)
	zones := zone.NewIndex(f.blockZones)
	f.targets.Elsewhere = func(name string) bool {
		name = strings.ToLower(name)
		return len(at.Zone(name)) > len(zones.Match(name))
	}
	f.feeds.AskOthers(f.targets.Elsewhere)
}

// patient returns a context that bounds how long one answer waits for all lookups
// that it may need.
func (f *Failover) patient(ctx context.Context) (context.Context, context.CancelFunc) {
	if !f.lookedUp {
		return ctx, func() {}
	}
	return lookup.Patient(ctx)
}
