// Package failover is a CoreDNS plugin that answers A and AAAA of a few names
// from the first pool of addresses that is healthy, and checks their health
// itself.
package failover

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/chain"
	"github.com/coredns-failover/failover/plugin/corefile"
	"github.com/coredns-failover/failover/plugin/metrics"
	"github.com/coredns-failover/failover/plugin/policy"
	"github.com/coredns-failover/failover/plugin/pool"
	"github.com/coredns-failover/failover/plugin/zone"

	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/metadata"
	"github.com/coredns/coredns/plugin/pkg/upstream"
	"github.com/coredns/coredns/request"

	"github.com/miekg/dns"
)

// name is the directive; ready, metadata and cache find the plugin by it.
const name = "failover"

// Failover answers for the records of one server block.
type Failover struct {
	Next plugin.Handler

	// handlers are the plugins of the server block, the first one first.
	handlers func() []plugin.Handler
	feeds    *chain.Feeds

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
	aliases  bool            // a pool of it is an alias
	names    *chain.Names    // what is known below a wildcard, if the plugins behind have it; else nil
	series   *metrics.Series // nil until the start
}

// known returns the view of a name of the record, without asking anybody: nil if
// nothing is known of it.
func (rec *record) known(name string) *pool.View {
	if rec.names != nil {
		return rec.names.Known(name)
	}
	return rec.View()
}

// ownsName reports whether the record has its name to itself. Where the answer
// comes from the plugins behind, it may be theirs to call it an alias.
func (rec *record) ownsName(name string) bool {
	v := rec.known(name)
	if v == nil || v.Do == pool.Next {
		return false
	}
	set := v.Set(v.Pool)
	return set == nil || !set.Next
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
	f.feeds = chain.NewFeeds(chain.Next(f.behind), chain.Host(f.block), logTrouble)
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
	r.aliases = slices.ContainsFunc(rec.Pools, func(p pool.Pool) bool { return p.CNAME })
	o := observer{record: r}
	next := slices.IndexFunc(rec.Pools, func(p pool.Pool) bool { return p.Next() })
	if r.wildcard && next >= 0 {
		r.Chain = pool.NewChain(rec, baseObserver{o})
		r.names = chain.NewNames(r.Chain, next, f.askNext, o)
	} else {
		r.Chain = pool.NewChain(rec, o)
	}
	f.records = append(f.records, r)
	f.names.AddRecord(rec.Name, f.apexes.Above(rec.Name), r)
}

// behind returns the plugins behind, block all those of the server block; nil if
// there are none.
func (f *Failover) behind() plugin.Handler { return f.Next }

func (f *Failover) block() plugin.Handler {
	if f.handlers != nil {
		for _, h := range f.handlers() {
			return h
		}
	}
	return nil
}

// askNext asks the plugins behind on behalf of the client of w.
func (f *Failover) askNext(ctx context.Context, w dns.ResponseWriter, name string, qtype uint16) (*pool.Reply, error) {
	return chain.AskFor(ctx, f.Next, w, name, qtype)
}

func (f *Failover) chains() []*pool.Chain {
	chains := make([]*pool.Chain, len(f.records))
	for i, rec := range f.records {
		chains[i] = rec.Chain
	}
	return chains
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
	case match == zone.Outside && !answer.MayLead(qtype):
		return plugin.NextOrFailure(f.Name(), f.Next, ctx, w, r)
	case match == zone.Record && (qtype == dns.TypeA || qtype == dns.TypeAAAA || rec.aliases):
		return f.serveRecord(ctx, w, r, qname, rec)
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

// serveRecord answers for a record from its view: A and AAAA, and all types while
// it is an alias.
func (f *Failover) serveRecord(ctx context.Context, w dns.ResponseWriter, r *dns.Msg, qname string, rec *record) (int, error) {
	v := rec.View()
	if rec.names != nil {
		v = rec.names.View(ctx, w, qname, r.Question[0].Qtype)
	}
	set := v.Set(v.Pool)
	qtype := r.Question[0].Qtype
	if rec.aliases && set.CNAME == nil && qtype != dns.TypeA && qtype != dns.TypeAAAA {
		return f.serveOthers(ctx, w, r, qname, rec, zone.Record)
	}
	if rec.series != nil {
		rec.series.Respond(f.server(ctx), v.Pool)
	}
	switch {
	case v.Why != "" || v.Do != pool.Answer:
		return f.serveDegraded(ctx, w, r, qname, rec, v)
	case set.CNAME != nil:
		return f.serveAlias(ctx, w, r, qname, v, set)
	case set.Next:
		return f.serveNext(ctx, w, r, qname, rec, v, set)
	}
	return f.serveSet(ctx, w, r, qname, rec, v, set)
}

// serveSet answers A and AAAA with the addresses of a pool.
func (f *Failover) serveSet(ctx context.Context, w dns.ResponseWriter, r *dns.Msg, qname string, rec *record, v *pool.View, set *pool.Set) (int, error) {
	rrs := policy.Pick(set, r.Question[0].Qtype)
	switch {
	case len(rrs) == 0:
		w.WriteMsg(answer.NoData(r, rec.apex.SOA(ctx, f.Next, w, v.TTL)))
		return dns.RcodeSuccess, nil
	case rec.wildcard:
		rrs = answer.At(qname, rrs)
	}
	w.WriteMsg(answer.Records(r, rrs))
	return dns.RcodeSuccess, nil
}

// serveNext answers A and AAAA with what the plugins behind said of them, without
// what is not healthy.
func (f *Failover) serveNext(ctx context.Context, w dns.ResponseWriter, r *dns.Msg, qname string, rec *record, v *pool.View, set *pool.Set) (int, error) {
	said := set.Family(r.Question[0].Qtype).Reply
	rrs := policy.Pick(set, r.Question[0].Qtype)
	switch {
	case said != nil && said.Negative != nil:
		e := &answer.Existing{Req: r, Name: qname, TTL: v.TTL}
		e.SOA = func() dns.RR { return rec.apex.SOA(ctx, f.Next, w, v.TTL) }
		w.WriteMsg(e.Edit(answer.NegativeFromOther(r, said.Negative, v.TTL)))
	case len(rrs) == 0:
		w.WriteMsg(answer.NoData(r, rec.apex.SOA(ctx, f.Next, w, v.TTL)))
	default:
		o := answer.Other{Aliases: said.Aliases, Addrs: rrs, Aging: said.Aging, Left: said.Left(time.Now())}
		if len(rrs) == len(said.Addrs) {
			o.Sigs = said.Sigs
		}
		w.WriteMsg(answer.FromOther(r, o))
	}
	return dns.RcodeSuccess, nil
}

// serveAlias answers every type with the CNAME of a pool, and with what its
// target has of that type, where that can be told here.
func (f *Failover) serveAlias(ctx context.Context, w dns.ResponseWriter, r *dns.Msg, qname string, v *pool.View, set *pool.Set) (int, error) {
	m := answer.Records(r, answer.At(qname, []dns.RR{set.CNAME}))
	if qtype := r.Question[0].Qtype; qtype != dns.TypeCNAME && qtype != dns.TypeANY {
		ctx, ok := chain.Enter(ctx, qname)
		if !ok {
			return dns.RcodeServerFailure, nil // its target leads back here
		}
		target := set.CNAME.(*dns.CNAME).Target
		if t, err := upstream.New().Lookup(ctx, request.Request{W: w, Req: r}, target, qtype); err == nil && t != nil {
			m = answer.WithTarget(m, t, v.TTL)
		}
	}
	w.WriteMsg(m)
	return dns.RcodeSuccess, nil
}

// serveDegraded answers while no pool is healthy, and says so to clients that
// speak EDNS, or while it is not known yet what is in the pools.
func (f *Failover) serveDegraded(ctx context.Context, w dns.ResponseWriter, r *dns.Msg, qname string, rec *record, v *pool.View) (int, error) {
	lw := w
	if v.Why != "" {
		lw = &answer.Writer{ResponseWriter: w, Edit: func(m *dns.Msg) *dns.Msg { return answer.WithError(m, r, v.Why) }}
	}
	set := v.Set(v.Pool)
	switch {
	case v.Do == pool.Next:
		return f.serveOthers(ctx, lw, r, qname, rec, zone.Exists) // an alias may answer here
	case v.Do == pool.ServFail && (v.Why == "" || r.IsEdns0() == nil):
		return dns.RcodeServerFailure, nil // written by the server: then no cache keeps it
	case v.Do == pool.ServFail:
		lw.WriteMsg(answer.ServFail(r))
		return dns.RcodeSuccess, nil
	case set.CNAME != nil:
		return f.serveAlias(ctx, lw, r, qname, v, set)
	case set.Next:
		return f.serveNext(ctx, lw, r, qname, rec, v, set)
	}
	return f.serveSet(ctx, lw, r, qname, rec, v, set)
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
	switch {
	case match == zone.Record || match == zone.Exists:
		e := &answer.Existing{Req: r, Name: qname, Record: match == zone.Record && rec.ownsName(qname), TTL: n.ttl}
		e.SOA = func() dns.RR { return n.apex.SOA(ctx, f.Next, w, n.ttl) }
		aw.Edit = func(m *dns.Msg) *dns.Msg { return answer.Linked(e.Edit(m), f.managed) }
	case answer.MayLead(r.Question[0].Qtype):
		aw.Edit = func(m *dns.Msg) *dns.Msg { return answer.Linked(m, f.managed) }
	}
	rcode, err := plugin.NextOrFailure(f.Name(), f.Next, ctx, aw, r)
	if match == zone.Outside || n.apex == f.root || !aw.NobodyAnswered(rcode, err) {
		return rcode, err
	}
	return f.serveAlone(ctx, w, r, qname, n, match)
}

// managed is an answer.Managed: it says what A and AAAA of a record's name would
// answer now.
func (f *Failover) managed(name string) (v4, v6 []dns.RR, ttl uint32, ok bool) {
	rec, match := f.names.Find(name)
	if match != zone.Record {
		return nil, nil, 0, false
	}
	v := rec.known(name)
	if v == nil || v.Do == pool.Next || v.Do == pool.ServFail && v.Why == "" {
		return nil, nil, 0, false
	}
	set := v.Set(v.Pool)
	if set == nil || set.CNAME != nil {
		return nil, nil, 0, set == nil
	}
	v4, v6 = policy.Pick(set, dns.TypeA), policy.Pick(set, dns.TypeAAAA)
	if rec.wildcard || set.Next {
		v4, v6 = answer.At(name, v4), answer.At(name, v6)
	}
	return v4, v6, v.TTL, true
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
	view := func() *pool.View { return cmp.Or(rec.known(state.Name()), rec.View()) }
	metadata.SetValueFunc(ctx, name+"/record", func() string { return rec.Record().Name })
	metadata.SetValueFunc(ctx, name+"/pool", func() string { return rec.PoolName(view().Pool) })
	metadata.SetValueFunc(ctx, name+"/state", func() string { return string(view().State) })
	return ctx
}
