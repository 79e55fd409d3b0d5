package failover

import (
	"context"
	"slices"
	"strings"

	"github.com/coredns/coredns/core/dnsserver"

	"github.com/coredns-failover/failover/plugin/coredns"
	"github.com/coredns-failover/failover/plugin/lookup"
	"github.com/coredns-failover/failover/plugin/zone"
)

// lookThrough says where names are looked up: in own, the server block of f, and by
// way of blocks, those that listen where it does.
func (f *Failover) lookThrough(blocks []*dnsserver.Config, own *dnsserver.Config) {
	f.feeds = lookup.NewFeeds(f.behind, f.block, coredns.Server(f.servers[0], own, blocks...), logTrouble)
	f.targets.Elsewhere = f.elsewhere(blocks)
}

// elsewhere returns a function that reports whether another of blocks is nearer to
// a name than the server block of f.
func (f *Failover) elsewhere(blocks []*dnsserver.Config) func(name string) bool {
	var zones []string
	for _, b := range blocks {
		if !slices.Contains(f.blockZones, b.Zone) {
			zones = append(zones, b.Zone)
		}
	}
	own, others := zone.NewIndex(f.blockZones), zone.NewIndex(zones)
	return func(name string) bool {
		name = strings.ToLower(name)
		return len(others.Match(name)) > len(own.Match(name))
	}
}

// patient returns a context that bounds how long one answer waits for all lookups
// that it may need.
func (f *Failover) patient(ctx context.Context) (context.Context, context.CancelFunc) {
	if !f.lookedUp {
		return ctx, func() {}
	}
	return lookup.Patient(ctx)
}
