package event

import (
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/pool"
)

// A Series measures one record in one server block.
type Series interface {
	Tell(Event)
	// Respond counts a response from a pool at a listener, both by index. It is called
	// for every query and takes no lock.
	Respond(server, p int)
	Close()
}

// An Observer tells subscribers what happens to one record, from its start to its stop. It
// is a pool.Observer.
type Observer struct {
	to     []Subscriber
	open   func(servers []string, view string) Series
	record *pool.Record

	series       Series // nil before the start
	server, view string
	before       before
}

// NewObserver returns an Observer of rec that tells the Series that open returns at the
// start, and then the subscribers to.
func NewObserver(rec *pool.Record, open func(servers []string, view string) Series, to ...Subscriber) *Observer {
	return &Observer{record: rec, open: open, to: to}
}

// before is the record before a reload. The zero value is for a new record.
type before struct {
	pool  string // that answered
	state pool.State
}

// Started begins to measure the record in a server block with these listeners (at
// least one) and this view. poolBefore and stateBefore are the pool that answered before
// a reload and the state of the record then, or "".
func (o *Observer) Started(servers []string, view, poolBefore string, stateBefore pool.State) {
	o.server, o.view, o.before = servers[0], view, before{poolBefore, stateBefore}
	o.series = o.open(servers, view)
}

// Stopped ends the measuring.
func (o *Observer) Stopped() { o.series.Close() }

// Responded counts a response from a pool at a listener, both by index.
func (o *Observer) Responded(server, p int) {
	if o.series != nil {
		o.series.Respond(server, p)
	}
}

// EndpointChanged implements pool.Observer.
func (o *Observer) EndpointChanged(p int, endpoint string, from, to healthcheck.State, reason string) {
	o.tell(Event{
		Kind: EndpointChanged, Pool: o.poolName(p), Endpoint: endpoint,
		From: from.String(), To: to.String(), Reason: reason,
	})
}

// EndpointGone implements pool.Observer.
func (o *Observer) EndpointGone(p int, endpoint string) {
	o.tell(Event{Kind: EndpointGone, Pool: o.poolName(p), Endpoint: endpoint})
}

// ViewChanged implements pool.Observer.
func (o *Observer) ViewChanged(from, to *pool.View, reason string) {
	was, now := o.before, o.poolName(to.Pool)
	if from == nil {
		reason = "the Corefile was reloaded"
	} else {
		was = before{o.poolName(from.Pool), from.State}
	}
	if from == nil || was.pool != now {
		o.tell(Event{Kind: PoolChanged, From: was.pool, To: now, State: to.State, Reason: reason})
	}
	if was.state != to.State || to.State == pool.Degraded && was.pool != now {
		o.tell(Event{Kind: StateChanged, Pool: now, From: string(was.state), To: string(to.State), State: to.State, Reason: to.Why})
	}
}

func (o *Observer) tell(e Event) {
	e.Record, e.Server, e.View, e.Time = o.record.Name, o.server, o.view, time.Now()
	if o.series != nil {
		o.series.Tell(e)
	}
	tell(o.to, e)
}

func (o *Observer) poolName(p int) string {
	if p == pool.None {
		return pool.NoneName
	}
	return o.record.Pools[p].Name
}
