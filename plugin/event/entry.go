package event

import (
	"fmt"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/pool"
)

// The kinds of entries.
const (
	EntryCheck    = "check"    // From and To are states of a check, Endpoint is an address
	EntryEndpoint = "endpoint" // From and To are states of an endpoint of a record
	EntryPool     = "pool"     // From and To are the active pools of a record
	EntryDegraded = "degraded" // To is "on" or "off"
	EntryFrozen   = "frozen"   // the same, of this server
	EntryOverride = "override" // To is the action of one that is set, From of one that ends
	EntryRelease  = "release"  // a hold was ended by hand
	EntryReload   = "reload"   // the Corefile was read anew
	EntryStore    = "store"
	EntryPublish  = "publish"
)

// On and off are what From and To of degraded and frozen say.
const (
	on  = "on"
	off = "off"
)

// entryOf returns the entry that tells of e, and false if none does.
func entryOf(e Event) (Entry, bool) {
	n := Entry{
		Time: e.Time, Record: e.Record, Server: e.Server, View: e.View, Pool: e.Pool, Endpoint: e.Endpoint,
		From: e.From, To: e.To, Reason: e.Reason, Actor: e.Actor,
	}
	ok := true
	switch e.Kind {
	case CheckChanged:
		n.Kind, n.Reason, ok = EntryCheck, fmt.Sprintf("%s: %s", e.Check, e.Reason), isVerdict(e)
	case EndpointChanged:
		n.Kind, ok = EntryEndpoint, isVerdict(e)
	case PoolChanged:
		n.Kind, n.Pool, ok = EntryPool, e.To, !e.IsStart() && e.From != e.To
	case StateChanged:
		ok = n.setDegraded(e)
	case Frozen:
		n.Kind, n.From, n.To, n.Reason = EntryFrozen, off, on, "no witness answers"
	case Thawed:
		n.Kind, n.From, n.To, n.Reason = EntryFrozen, on, off, "a witness answers again"
	case OverrideSet, OverrideEnded:
		n.Kind = EntryOverride
	case Released:
		n.Kind = EntryRelease
	case Reloaded:
		n.Kind = EntryReload
	default:
		ok = false
	}
	return n, ok
}

// isVerdict reports whether a change is worth an entry: the first verdict after
// unknown is one only if it is bad.
func isVerdict(e Event) bool {
	return e.From != e.To && (e.From != healthcheck.Unknown.String() || e.To == healthcheck.Down.String())
}

func (n *Entry) setDegraded(e Event) bool {
	degraded := string(pool.Degraded)
	n.Kind, n.From, n.To = EntryDegraded, off, on
	if e.To != degraded {
		n.From, n.To = on, off
	}
	return (e.From == degraded) != (e.To == degraded)
}
