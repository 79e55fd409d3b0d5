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

	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/metadata"
	"github.com/coredns/coredns/request"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/content"
	"github.com/coredns-failover/failover/plugin/corefile"
	"github.com/coredns-failover/failover/plugin/lookup"
	"github.com/coredns-failover/failover/plugin/metrics"
	"github.com/coredns-failover/failover/plugin/policy"
	"github.com/coredns-failover/failover/plugin/pool"
	"github.com/coredns-failover/failover/plugin/serve"
	"github.com/coredns-failover/failover/plugin/zone"
)

// name is the directive; ready, metadata and cache find the plugin by it.
const name = "failover"

// Failover answers for the records of one server block.
type Failover struct {
	Next plugin.Handler

	block    func() plugin.Handler // where lookups of ours enter them; nil if there are none
	targets  *lookup.Targets       // looks up what CNAMEs lead to
	feeds    *lookup.Feeds
	keeper   *lookup.Keeper // of what a cache in front does not keep because of us; nil without one
	lookedUp bool           // addresses of some records are looked up, which may lead to others

	process *corefile.Global // what holds for all server blocks
	names   zone.Tree[*record]
	content *content.Follower // of the zones that wildcards are in; nil without any
	apexes  zone.Apexes
	soas    map[string]*answer.Apex // by the names that apexes gives
	root    *answer.Apex            // for names that are in no zone of ours
	serial  uint32                  // of the SOA records that are made up
	zones   []string
	inZones zone.Index        // of zones
	ttls    map[string]uint32 // of the zones
	records []*record
	// blockZones are those of the server block.
	blockZones []string
	bypass     []string
	// bypassesZones says that bypass holds zones, not names.
	bypassesZones bool

	// servers are the addresses that the block listens on, view is its name in
	// metrics. They are known when it starts.
	servers []string
	view    string
	started atomic.Bool

	witnesses []*lookup.Witness
}

// A record is one managed name while it is served and measured.
type record struct {
	*serve.Managed
	ttl    uint32
	series *metrics.Series // nil until the start
	before string          // the pool that answered before a reload, or ""
}

// New returns the plugin for a server block with these zones. Nothing is probed
// before it is started; serial is that of the SOA records that it makes up.
func New(cfg *corefile.Config, blockZones []string, serial uint32) (*Failover, error) {
	f := &Failover{
		process:    cfg.Global,
		blockZones: blockZones,
		block:      func() plugin.Handler { return nil },

		soas:   make(map[string]*answer.Apex),
		root:   answer.NewApex(".", serial),
		serial: serial,
		ttls:   make(map[string]uint32),
	}
	for _, w := range cfg.Witnesses {
		f.witnesses = append(f.witnesses, lookup.NewWitness(w))
	}
	for _, z := range cfg.Zones {
		f.zones = append(f.zones, z.Name)
		f.ttls[z.Name] = z.TTL
		f.names.AddZone(z.Name)
	}
	f.inZones = zone.NewIndex(f.zones)
	f.apexes = zone.NewApexes(blockZones, f.zones)
	f.makeSOAs(slices.Concat(blockZones, f.zones))
	f.targets = &lookup.Targets{Block: func() plugin.Handler { return f.block() }}
	f.lookedUp = slices.ContainsFunc(cfg.Records, pool.Record.IsLookedUp)
	f.feeds = lookup.NewFeeds(f.behind, f.block, nil, logTrouble)
	names := make([]string, len(cfg.Records))
	for i := range cfg.Records {
		names[i] = cfg.Records[i].Name
		if err := f.add(&cfg.Records[i]); err != nil {
			return nil, err
		}
	}
	f.bypass, f.bypassesZones = zone.Bypass(names, f.zones, f.blockZones)
	return f, nil
}

func (f *Failover) add(rec *pool.Record) error {
	chooser, err := policy.NewChooser(rec)
	if err != nil {
		return err
	}
	r := &record{ttl: rec.TTL, Managed: &serve.Managed{
		Chooser:  chooser,
		Apex:     f.about(rec.Name, nil).apex,
		Wildcard: strings.HasPrefix(rec.Name, "*."),
		Aliases:  slices.ContainsFunc(rec.Pools, func(p pool.Pool) bool { return p.CNAME }),
		Targets:  f.targets,
	}}
	o := observer{record: r}
	next := slices.IndexFunc(rec.Pools, func(p pool.Pool) bool { return p.Next() })
	if r.Wildcard && next >= 0 {
		r.Tracker = pool.NewTracker(rec, baseObserver{o})
		r.Names = lookup.NewNames(r.Tracker, next, f.askNext, o)
	} else {
		r.Tracker = pool.NewTracker(rec, o)
	}
	f.records = append(f.records, r)
	f.names.AddRecord(rec.Name, f.apexes.Above(rec.Name), r)
	return nil
}

// makeSOAs makes a SOA for the apex of each of zones.
func (f *Failover) makeSOAs(zones []string) {
	for _, z := range zones {
		if apex := f.apexes.Of(z); apex != "" && f.soas[apex] == nil {
			f.soas[apex] = answer.NewApex(apex, f.serial)
		}
	}
}

// sign notes which zones dnssec signs in the server block.
func (f *Failover) sign(zones []string) {
	if len(zones) == 0 {
		return
	}
	f.apexes.Sign(zones)
	f.makeSOAs(zones)
	for _, rec := range f.records {
		rec.Apex = f.about(rec.Record().Name, nil).apex
	}
}

// learn has the SOA of each record looked up from the start on. An alias behind
// says nothing of its own zone: then the names above are asked, up to ours.
func (f *Failover) learn() {
	for _, rec := range f.records {
		name := strings.TrimPrefix(rec.Record().Name, "*.")
		rec.SOA = f.feeds.SOAs().Add(name, cmp.Or(f.apexes.Of(name), name), f.apexes.Signed(name))
	}
}

// behind returns the plugins behind, or nil.
func (f *Failover) behind() plugin.Handler { return f.Next }

// askNext asks the plugins behind on behalf of the client of w.
func (f *Failover) askNext(ctx context.Context, w dns.ResponseWriter, name string, qtype uint16) (*pool.Reply, error) {
	return f.feeds.AskFor(ctx, w, name, qtype)
}

func (f *Failover) chains() []*pool.Tracker {
	chains := make([]*pool.Tracker, len(f.records))
	for i, rec := range f.records {
		chains[i] = rec.Tracker
	}
	return chains
}

// wildcards are the names of records that are some.
func (f *Failover) wildcards() (names []string) {
	for _, rec := range f.records {
		if rec.Wildcard {
			names = append(names, rec.Record().Name)
		}
	}
	slices.Sort(names)
	return names
}

// strangers are the zones that no zone of the server block encloses.
func (f *Failover) strangers() (zs []string) {
	blocks := zone.NewIndex(f.blockZones)
	for _, z := range f.zones {
		if blocks.Match(z) == "" {
			zs = append(zs, z)
		}
	}
	return zs
}

// scoped are the names of the records of which answers are for a client subnet
// alone.
func (f *Failover) scoped() (names []string) {
	for _, rec := range f.records {
		if len(f.process.ECSFrom) > 0 && rec.Chooser.TellsApart() {
			names = append(names, rec.Record().Name)
		}
	}
	return names
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
		return f.passOn(ctx, w, r)
	case match == zone.Record && isForRecord(rec, qtype):
		return f.serveRecord(ctx, w, r, qname, rec)
	default:
		return f.serveOthers(ctx, w, r, qname, rec, match)
	}
}

// isForRecord reports whether the record may answer a query of a type itself.
func isForRecord(rec *record, qtype uint16) bool {
	switch qtype {
	case dns.TypeA, dns.TypeAAAA, dns.TypeANY:
		return true
	case dns.TypeNSEC, dns.TypeRRSIG:
		return false
	}
	return rec.Aliases
}

// isOurs reports whether r is a query that we may have a say in.
func isOurs(r *dns.Msg) bool {
	if r.Opcode != dns.OpcodeQuery || len(r.Question) != 1 || r.Question[0].Qclass != dns.ClassINET {
		return false
	}
	t := r.Question[0].Qtype
	return t != dns.TypeAXFR && t != dns.TypeIXFR
}

// serveRecord answers for a record: A, AAAA and ANY, and all types while it is an
// alias.
func (f *Failover) serveRecord(ctx context.Context, w dns.ResponseWriter, r *dns.Msg, qname string, rec *record) (int, error) {
	if f.lookedUp {
		lookup.TraceOf(ctx).Touch(rec.Record().Name)
	}
	q := f.query(w, r, qname, rec)
	if err := q.Decide(ctx); err != nil {
		return dns.RcodeFormatError, nil
	}
	qtype := r.Question[0].Qtype
	if rec.Aliases && !q.IsAlias() && !isAddress(qtype) && qtype != dns.TypeANY {
		return f.serveOthers(ctx, w, r, qname, rec, zone.Record)
	}
	if rec.series != nil {
		rec.series.Respond(f.server(ctx), q.Pool())
	}
	if rcode, ok := q.Serve(ctx); ok {
		return rcode, nil
	}
	if qtype == dns.TypeANY {
		return f.serveAnyFromNext(ctx, q.W, r, qname, rec)
	}
	return f.serveOthers(ctx, q.W, r, qname, rec, zone.Exists) // an alias may answer here
}

// query returns r as one for a name of a record. It is to be inlined, so that it
// takes no memory from the heap.
func (f *Failover) query(w dns.ResponseWriter, r *dns.Msg, name string, rec *record) *serve.Query {
	return &serve.Query{W: w, R: r, Name: name, Record: rec.Managed, ECSFrom: f.process.ECSFrom}
}

func isAddress(qtype uint16) bool { return qtype == dns.TypeA || qtype == dns.TypeAAAA }

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
		e := &answer.Existing{Req: r, Name: qname, Record: match == zone.Record, TTL: n.ttl}
		e.Shared = e.Record && !rec.OwnsName(qname)
		e.SOA = func() dns.RR { return f.soa(qname, rec, n) }
		link := f.linker(ctx, w, r)
		aw.Edit = func(m *dns.Msg) *dns.Msg { return link(e.Edit(m)) }
	default:
		aw.Edit = f.linker(ctx, w, r)
	}
	rcode, err := f.keeper.ServeDNS(ctx, f.Name(), f.Next, aw, r)
	switch {
	case !aw.NobodyAnswered(rcode, err):
		return rcode, err
	case n.apex == f.root:
		return dns.RcodeRefused, nil
	}
	return f.serveAlone(w, r, qname, rec, n, match)
}

// passOn leaves a query for a name that is not ours to the next plugins, with an
// eye on where they lead. With nobody behind it is refused.
func (f *Failover) passOn(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
	aw := &answer.Writer{ResponseWriter: w, Edit: f.linker(ctx, w, r)}
	rcode, err := plugin.NextOrFailure(f.Name(), f.Next, ctx, aw, r)
	if aw.NobodyAnswered(rcode, err) {
		return dns.RcodeRefused, nil
	}
	return rcode, err
}

// linker returns what brings the addresses of records up to date to which an
// answer leads.
func (f *Failover) linker(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) func(*dns.Msg) *dns.Msg {
	return func(m *dns.Msg) *dns.Msg {
		if !answer.Leads(m) {
			return m
		}
		ctx, cancel := f.patient(ctx)
		defer cancel()
		var ecs *dns.EDNS0_SUBNET // of the clients that the addresses are for alone
		m = answer.Linked(m, func(name string) (a answer.Addresses, ok bool) {
			rec, match := f.names.Find(name)
			if match != zone.Record {
				return a, false
			}
			q := f.query(w, r, name, rec)
			q.AskNext = func(ctx context.Context) (v4, v6 *dns.Msg) { return f.bothFromNext(ctx, w, r, name, rec) }
			if a, ok = q.Addresses(ctx); ok {
				ecs = cmp.Or(q.Subnet(), ecs)
			}
			return a, ok
		})
		if ecs != nil {
			m = answer.WithSubnet(m, ecs, true)
		}
		return f.conclude(ctx, w, r, m)
	}
}

// serveAlone answers for a name in a zone of ours for which nobody behind does.
func (f *Failover) serveAlone(w dns.ResponseWriter, r *dns.Msg, qname string, rec *record, n authority, match zone.Match) (int, error) {
	if own := n.apex.Own(qname, r.Question[0].Qtype, n.ttl); own != nil {
		w.WriteMsg(answer.Records(r, own))
		return dns.RcodeSuccess, nil
	}
	m := answer.NoData(r, f.soa(qname, rec, n))
	if match == zone.Inside {
		m.Rcode = dns.RcodeNameError
	}
	w.WriteMsg(m)
	return dns.RcodeSuccess, nil
}

// soa returns the SOA of negative answers about a name: of one that is no record's,
// what is known from records around it.
func (f *Failover) soa(qname string, rec *record, n authority) dns.RR {
	if rec != nil {
		return rec.Negative(n.ttl)
	}
	return n.apex.SOA(f.feeds.SOAs().Nearest(qname, f.apexes.Signed(qname)), n.ttl)
}

// An authority is what negative answers about a name are made from, where nobody
// behind has a SOA for it.
type authority struct {
	apex *answer.Apex // f.root if the name is in no zone of ours
	ttl  uint32
}

func (f *Failover) about(qname string, rec *record) authority {
	if rec != nil {
		return authority{rec.Apex, rec.ttl}
	}
	a := authority{f.root, corefile.DefaultTTL}
	if len(f.zones) > 0 {
		a.ttl = f.ttls[f.zones[0]]
	}
	if apex := f.soas[f.apexes.Of(qname)]; apex != nil {
		a.apex = apex
	}
	if z := f.inZones.Match(qname); z != "" {
		a.ttl = f.ttls[z]
	}
	return a
}

// CacheBypassZones implements cache.ZoneBypasser: a cache in front of us keeps
// nothing at or below these names.
func (f *Failover) CacheBypassZones() []string { return f.bypass }

// poolFor returns the pool of v that answers a query.
func (f *Failover) poolFor(ctx context.Context, state request.Request, rec *record, v *pool.View) int {
	client, err := policy.ClientOf(state.W, state.Req, f.process.ECSFrom)
	if err != nil || !v.Choose {
		return v.Pool
	}
	p, _ := rec.Chooser.Pool(ctx, v, state, client, time.Now())
	return p
}

// Metadata implements metadata.Provider.
func (f *Failover) Metadata(ctx context.Context, state request.Request) context.Context {
	rec, match := f.names.Find(state.Name())
	if match != zone.Record {
		return ctx
	}
	view := func() *pool.View { return cmp.Or(rec.Known(state.Name()), rec.View()) }
	metadata.SetValueFunc(ctx, name+"/record", func() string { return rec.Record().Name })
	metadata.SetValueFunc(ctx, policy.PoolLabel, func() string { return rec.PoolName(f.poolFor(ctx, state, rec, view())) })
	metadata.SetValueFunc(ctx, name+"/state", func() string { return string(view().State) })
	return ctx
}
