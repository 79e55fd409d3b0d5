package serve

import (
	"slices"

	"github.com/coredns-failover/failover/plugin/pool"
)

// Place returns where the record is served, once it has started.
func (rec *Record) Place() pool.Place { return rec.place }

// Config returns its configuration.
func (rec *Record) Config() *pool.Record { return rec.Tracker.Record() }

// SetOrders makes orders the operator's word about the record, and about the names that
// it covers.
func (rec *Record) SetOrders(o pool.Orders, reason string) {
	rec.Tracker.SetOrders(o, reason)
	if rec.learned != nil {
		rec.learned.SetOrders(o, reason)
	}
}

// Freeze returns what the record, and each name that it covers, answers now.
func (rec *Record) Freeze() *pool.Frozen {
	f := rec.Tracker.Freeze()
	if rec.learned != nil {
		f.Names = rec.learned.Freeze()
	}
	return f
}

// Release lets pools that are held back take over, and returns their names.
func (rec *Record) Release(reason string) []string {
	pools := rec.Tracker.Release(reason)
	if rec.learned != nil {
		pools = append(pools, rec.learned.Release(reason)...)
		slices.Sort(pools)
		pools = slices.Compact(pools)
	}
	return pools
}

// Status returns how the record is doing. A wildcard whose names have addresses of their
// own is in the state of the worst.
func (rec *Record) Status() pool.Status {
	s := rec.Tracker.Status()
	if rec.learned == nil {
		return s
	}
	worst, since, reason, held := rec.learned.Summary()
	v := *s.View
	v.State, v.Pool, v.Why = worst.State, worst.Pool, worst.Why
	s.View, s.Since, s.Reason, s.Held = &v, since, reason, held
	return s
}

// Memory returns what of the record is to outlast the process.
func (rec *Record) Memory() pool.Memory {
	m := rec.Tracker.Memory()
	if rec.learned != nil {
		rec.learned.Memory(&m)
	}
	return m
}

// Remember lets the record start from what an earlier process knew. It is called before
// it starts.
func (rec *Record) Remember(m pool.Memory) {
	r := pool.NewRecalled(m)
	rec.Recall(r)
	if rec.learned != nil {
		rec.learned.Recall(r)
	}
}
