package operate

import (
	"fmt"

	"github.com/coredns-failover/failover/plugin/admin"
	"github.com/coredns-failover/failover/plugin/event"
	"github.com/coredns-failover/failover/plugin/pool"
)

// release ends the holds of records. It returns false if there are none. If that cannot be
// saved, it returns an error and ends none.
func (o *Operator) release(records []admin.Record, actor string) (bool, error) {
	var held []admin.Record
	for _, r := range records {
		if r.Status().Held != nil {
			held = append(held, r)
		}
	}
	if len(held) == 0 {
		return false, nil
	}
	o.countReleasing(held, 1) // what is saved has them released
	defer o.countReleasing(held, -1)
	if err := o.save(); err != nil {
		return false, err
	}
	released := false
	for _, r := range held {
		released = o.releaseOne(r, actor) || released
	}
	return released, nil
}

// releaseOne ends the holds of a record, and makes events of that.
func (o *Operator) releaseOne(r admin.Record, actor string) bool {
	pools, at := r.Release("released by "+actor), r.Place()
	for _, p := range pools {
		o.tell(event.Event{
			Kind: event.Released, Record: at.Record, Server: at.Server, View: at.View, Pool: p,
			Reason: fmt.Sprintf("pool %s may answer again", p), Actor: actor,
		})
	}
	return len(pools) > 0
}

func (o *Operator) countReleasing(records []admin.Record, by int) {
	o.recordsMu.Lock()
	defer o.recordsMu.Unlock()
	if o.places.releasing == nil {
		o.places.releasing = make(map[pool.Place]int)
	}
	for _, r := range records {
		if o.places.releasing[r.Place()] += by; o.places.releasing[r.Place()] == 0 {
			delete(o.places.releasing, r.Place())
		}
	}
}
