// Package failover is a CoreDNS plugin that answers A and AAAA of a few names
// from the first pool of addresses that is healthy, and checks their health
// itself.
package failover

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/corefile"
	"github.com/coredns-failover/failover/plugin/metrics"
	"github.com/coredns-failover/failover/plugin/policy"
	"github.com/coredns-failover/failover/plugin/pool"
	"github.com/coredns-failover/failover/plugin/zone"

	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/metadata"
	"github.com/coredns/coredns/request"

	"github.com/miekg/dns"
)

// name is the directive; ready, metadata and cache find the plugin by it.
const name = "failover"

// Failover answers for the records of one server block.
type Failover struct {
	Next plugin.Handler

	names   zone.Tree[*record]
	apexes  zone.Apexes
	soas    map[string]*answer.Apex // by the names that apexes gives
	root    *answer.Apex            // for names that are in no zone of ours
	zones   plugin.Zones
	ttls    map[string]uint32 // of the zones
	records []*record
	// blockZones are those of the server block.
	blockZones plugin.Zones
	bypass     []string
	// bypassesZones says that bypass holds zones, not names.
	bypassesZones bool

	// servers are the addresses that the block listens on, view is its name in
	// metrics. They are known when it starts.
	servers []string
	view    string
	started atomic.Bool

	witnesses []healthcheck.Key
	testimony []*healthcheck.Lease // on the witnesses, from the start on
}

// A record is one managed name while it is served.
type record struct {
	*pool.Chain
	ttl      uint32
	apex     *answer.Apex
	wildcard bool
	series   *metrics.Series // nil until the start
}

// New returns the plugin for a server block with these zones. Nothing is probed
// before it is started; serial is that of the SOA records that it makes up.
func New(cfg *corefile.Config, blockZones []string, serial uint32) *Failover {
	f := &Failover{
		witnesses:  cfg.Witnesses,
		blockZones: blockZones,

		soas: make(map[string]*answer.Apex),
		root: answer.NewApex(".", serial),
		ttls: make(map[string]uint32),
	}
	for _, z := range cfg.Zones {
		f.zones = append(f.zones, z.Name)
		f.ttls[z.Name] = z.TTL
		f.names.AddZone(z.Name)
	}
	f.apexes = zone.NewApexes(blockZones, f.zones)
	for _, z := range append(slices.Clone(blockZones), f.zones...) {
		if apex := f.apexes.Of(z); apex != "" {
			f.soas[apex] = answer.NewApex(apex, serial)
		}
	}
	names := make([]string, len(cfg.Records))
	for i := range cfg.Records {
		names[i] = cfg.Records[i].Name
		f.add(&cfg.Records[i])
	}
	f.bypass, f.bypassesZones = zone.Bypass(names, f.zones)
	return f
}

func (f *Failover) add(rec *pool.Record) {
	apex := f.about(rec.Name, nil).apex
	r := &record{ttl: rec.TTL, apex: apex, wildcard: strings.HasPrefix(rec.Name, "*.")}
	r.Chain = pool.NewChain(rec, &observer{record: r})
	f.records = append(f.records, r)
	f.names.AddRecord(rec.Name, f.apexes.Above(rec.Name), r)
}

// strangers are the zones that no zone of the server block encloses.
func (f *Failover) strangers() (zs []string) {
	for _, z := range f.zones {
		if !f.blockZones.Contains(z) {
			zs = append(zs, z)
		}
	}
	return zs
}

// Name implements plugin.Handler.
func (f *Failover) Name() string { return name }

// ServeDNS implements plugin.Handler. Its frame is kept small, and what is rare
// is done elsewhere: every query runs on a fresh goroutine's stack.
func (f *Failover) ServeDNS(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
	if !isOurs(r) {
		return plugin.NextOrFailure(f.Name(), f.Next, ctx, w, r)
	}
	qname, qtype := strings.ToLower(r.Question[0].Name), r.Question[0].Qtype
	rec, match := f.names.Find(qname)
	switch {
	case match == zone.Outside:
		return plugin.NextOrFailure(f.Name(), f.Next, ctx, w, r)
	case match == zone.Record && (qtype == dns.TypeA || qtype == dns.TypeAAAA):
		return f.serveAddresses(ctx, w, r, qname, rec)
	default:
		return f.serveOthers(ctx, w, r, qname, rec, match)
	}
}

// isOurs reports whether r is a query that we may have a say in.
func isOurs(r *dns.Msg) bool {
	if r.Opcode != dns.OpcodeQuery || len(r.Question) != 1 || r.Question[0].Qclass != dns.ClassINET {
		return false
	}
	t := r.Question[0].Qtype
	return t != dns.TypeAXFR && t != dns.TypeIXFR
}

// serveAddresses answers A and AAAA of a record from its view.
func (f *Failover) serveAddresses(ctx context.Context, w dns.ResponseWriter, r *dns.Msg, qname string, rec *record) (int, error) {
	v := rec.View()
	if rec.series != nil {
		rec.series.Respond(f.server(ctx), v.Pool)
	}
	switch v.Do {
	case pool.ServFail:
		return dns.RcodeServerFailure, nil // written by the server: then no cache keeps it
	case pool.Next:
		return f.serveOthers(ctx, w, r, qname, rec, zone.Exists) // an alias may answer here
	}
	rrs := policy.Pick(v.Set(v.Pool), r.Question[0].Qtype)
	switch {
	case len(rrs) == 0:
		w.WriteMsg(answer.NoData(r, rec.apex.SOA(ctx, f.Next, w, rec.ttl)))
		return dns.RcodeSuccess, nil
	case rec.wildcard:
		rrs = answer.At(qname, rrs)
	}
	w.WriteMsg(answer.Records(r, rrs))
	return dns.RcodeSuccess, nil
}

// server returns the index in f.servers of the one that was asked.
func (f *Failover) server(ctx context.Context) int {
	if len(f.servers) == 1 {
		return 0
	}
	if s, ok := ctx.Value(dnsserver.Key{}).(*dnsserver.Server); ok {
		for i, addr := range f.servers {
			if addr == s.Addr {
				return i
			}
		}
	}
	return 0
}

// serveOthers lets the plugins behind answer what is not ours to answer, but not
// deny names that exist; rec is nil if the name is not a record's.
func (f *Failover) serveOthers(ctx context.Context, w dns.ResponseWriter, r *dns.Msg, qname string, rec *record, match zone.Match) (int, error) {
	n := f.about(qname, rec)
	aw := &answer.Writer{ResponseWriter: w}
	if match != zone.Inside {
		e := &answer.Existing{Req: r, Name: qname, Record: match == zone.Record, TTL: n.ttl}
		e.SOA = func() dns.RR { return n.apex.SOA(ctx, f.Next, w, n.ttl) }
		aw.Edit = e.Edit
	}
	rcode, err := plugin.NextOrFailure(f.Name(), f.Next, ctx, aw, r)
	if n.apex == f.root || !aw.NobodyAnswered(rcode, err) {
		return rcode, err
	}
	return f.serveAlone(ctx, w, r, qname, n, match)
}

// serveAlone answers for a name in a zone of ours for which nobody behind does.
func (f *Failover) serveAlone(ctx context.Context, w dns.ResponseWriter, r *dns.Msg, qname string, n authority, match zone.Match) (int, error) {
	if own := n.apex.Own(qname, r.Question[0].Qtype, n.ttl); own != nil {
		w.WriteMsg(answer.Records(r, own))
		return dns.RcodeSuccess, nil
	}
	m := answer.NoData(r, n.apex.SOA(ctx, f.Next, w, n.ttl))
	if match == zone.Inside {
		m.Rcode = dns.RcodeNameError
	}
	w.WriteMsg(m)
	return dns.RcodeSuccess, nil
}

// An authority is what negative answers about a name are made from.
type authority struct {
	apex *answer.Apex // f.root if the name is in no zone of ours
	ttl  uint32
}

func (f *Failover) about(qname string, rec *record) authority {
	if rec != nil {
		return authority{rec.apex, rec.ttl}
	}
	a := authority{f.root, corefile.DefaultTTL}
	if len(f.zones) > 0 {
		a.ttl = f.ttls[f.zones[0]]
	}
	if apex := f.soas[f.apexes.Of(qname)]; apex != nil {
		a.apex = apex
	}
	if z := f.zones.Matches(qname); z != "" {
		a.ttl = f.ttls[z]
	}
	return a
}

// CacheBypassZones implements cache.ZoneBypasser: a cache in front of us keeps
// nothing at or below these names.
func (f *Failover) CacheBypassZones() []string { return f.bypass }

// Metadata implements metadata.Provider.
func (f *Failover) Metadata(ctx context.Context, state request.Request) context.Context {
	rec, match := f.names.Find(state.Name())
	if match != zone.Record {
		return ctx
	}
	metadata.SetValueFunc(ctx, name+"/record", func() string { return rec.Record().Name })
	metadata.SetValueFunc(ctx, name+"/pool", func() string { return rec.PoolName(rec.View().Pool) })
	metadata.SetValueFunc(ctx, name+"/state", func() string { return string(rec.View().State) })
	return ctx
}
