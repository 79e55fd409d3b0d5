package serve

import "github.com/coredns-failover/failover/plugin/pool"

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
