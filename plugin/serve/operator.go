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
