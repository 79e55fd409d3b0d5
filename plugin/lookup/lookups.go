package lookup

import (
	"context"
	"net/netip"
	"slices"
	"sync"

	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck/timer"
	"github.com/coredns-failover/failover/plugin/pool"
)

// Lookups find the addresses for the records of a server block that are not in the
// Corefile: those of host names, each looked up once for all records, and those that
// the next plugins have for the names of records.
type Lookups struct {
	next      *plugins
	soas      *SOAs
	host      *host
	graph     graph
	onFailure func(name string, err error)

	mu         sync.Mutex // guards the following
	started    bool
	clock      *timer.Clock // of the checkers; nil before the start
	refreshers []*refresher
}

// An endpoint is an endpoint of a Tracker whose addresses are looked up.
type endpoint struct {
	tracker *pool.Tracker
	pool    int
	index   int
}

func (e endpoint) addrs() []netip.Addr        { return e.tracker.Addrs(e.pool, e.index) }
func (e endpoint) setHost(addrs []netip.Addr) { e.tracker.SetHost(e.pool, e.index, addrs) }
func (e endpoint) failed()                    { e.tracker.LookupFailed(e.pool, e.index) }

// NewLookups returns the lookups of a server block. The names of records are looked
// up at the plugin that next returns, and host names at the one that block returns,
// the first of the server block. Both functions are called for each lookup, and may
// return nil. onFailure is called with the error when a name cannot be looked up any
// more, and with nil when it can be again.
func NewLookups(next, block func() plugin.Handler, onFailure func(name string, err error)) *Lookups {
	l := &Lookups{onFailure: onFailure, host: newHost(block)}
	l.next = newPlugins(next, l.host, nil)
	l.soas = newSOAs(l.next)
	return l
}

// Attach sets the server through which plugins look up targets, see newPlugins.
// elsewhere reports whether another server block of it serves a name: such a host
// name is looked up there if the own block has no answer. It is called before Start.
func (l *Lookups) Attach(server *dnsserver.Server, elsewhere func(name string) bool) {
	for _, p := range []*plugins{l.next, l.host.block, l.host.server} {
		p.server = server
	}
	l.host.elsewhere = elsewhere
}

// SOAs returns the SOA records that the next plugins have. Names are added before
// Start.
func (l *Lookups) SOAs() *SOAs { return l.soas }

// LookupFor looks up a name with the next plugins. It is a [QueryResolver].
func (l *Lookups) LookupFor(ctx context.Context, w dns.ResponseWriter, name string, qtype uint16) (*pool.Reply, error) {
	return l.next.lookupFor(ctx, w, name, qtype)
}

// Start starts the lookups that the records and the witnesses need.
func (l *Lookups) Start(clock *timer.Clock, trackers []*pool.Tracker, witnesses []*Witness) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.started, l.clock = true, clock
	var hosts subscribers
	for _, t := range trackers {
		l.startRecordLocked(t, &hosts)
	}
	for _, w := range witnesses {
		if w.cfg.Host != "" {
			hosts.add(w.cfg.Host, w)
		}
	}
	for _, name := range hosts.hosts {
		l.startRefresherLocked(name, l.graph.watch(l.host, hostNode), newHostLookup(hosts.byName[name]).onReply)
	}
	l.soas.Start(clock)
}

// startRecordLocked starts the lookups of a record with the next plugins, and adds the
// host names that it needs to hosts.
func (l *Lookups) startRecordLocked(t *pool.Tracker, hosts *subscribers) {
	rec := t.Record()
	var on []string
	for p := range rec.Pools {
		for i, e := range rec.Pools[p].Endpoints {
			switch {
			case e.Disabled:
			case e.Host != "":
				hosts.add(e.Host, endpoint{t, p, i})
				on = append(on, hostNode(e.Host))
			case e.Next:
				l.startNextLocked(endpoint{t, p, i})
			}
		}
	}
	l.graph.set(rec.Name, "its pools", on)
}

// startNextLocked starts the lookups of a record's name with the next plugins. The
// names below a wildcard are learned from queries instead.
func (l *Lookups) startNextLocked(e endpoint) {
	name := e.tracker.Record().Name
	if isWildcard(name) {
		e.failed()
		return
	}
	l.startRefresherLocked(name, l.graph.watch(l.next, nil), func(v4, v6 *pool.Reply) {
		if v4 == nil && v6 == nil {
			e.failed()
			return
		}
		e.tracker.SetNext(e.pool, v4, v6)
	})
}

func isWildcard(name string) bool { return len(name) > 1 && name[:2] == "*." }

func (l *Lookups) startRefresherLocked(name string, resolver resolver, onReply func(v4, v6 *pool.Reply)) {
	failures := failureLog{name: name, log: l.onFailure}
	l.refreshers = append(l.refreshers, startRefresher(l.clock, name, resolver, func(v4, v6 *pool.Reply, err error) {
		onReply(v4, v6)
		failures.update(err)
	}))
}

// Stop ends all lookups, and returns when none is under way.
func (l *Lookups) Stop() {
	l.mu.Lock()
	refreshers := l.refreshers
	l.mu.Unlock()
	for _, r := range refreshers {
		r.Stop()
	}
	l.soas.Stop()
}

// Ready reports whether every name has been looked up once. It may be called before
// Start.
func (l *Lookups) Ready() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.started && !slices.ContainsFunc(l.refreshers, func(r *refresher) bool { return !r.ready() })
}

// A failureLog logs the first error when a name cannot be looked up any more, and nil
// when it can be again.
type failureLog struct {
	name    string
	log     func(name string, err error)
	lastErr error
}

func (l *failureLog) update(err error) {
	if (err == nil) != (l.lastErr == nil) && l.log != nil {
		l.log(l.name, err)
	}
	l.lastErr = err
}
