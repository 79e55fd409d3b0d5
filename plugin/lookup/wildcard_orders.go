package lookup

import (
	"context"
	"slices"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

// SetOrders makes orders the operator's word about all names, and about those that are
// learned later. What is frozen is the answer for each name that was known then.
func (wc *Wildcard) SetOrders(o pool.Orders, reason string) {
	wc.mu.Lock()
	defer wc.mu.Unlock()
	wc.orders = o
	for name, n := range wc.names.Range {
		n.(*learnedName).tracker.SetOrders(ordersOf(o, name.(string)), reason)
	}
}

// ordersOf returns the orders for one name.
func ordersOf(o pool.Orders, name string) pool.Orders {
	if o.Frozen != nil {
		o.Frozen = o.Frozen.Names[name]
	}
	return o
}

// Freeze returns what each name that is known is answered.
func (wc *Wildcard) Freeze() map[string]*pool.Frozen {
	frozen := make(map[string]*pool.Frozen)
	for name, n := range wc.names.Range {
		frozen[name.(string)] = n.(*learnedName).tracker.Freeze()
	}
	return frozen
}

// findOrFrozen returns a learned name, and learns one whose answer is frozen, as after a
// restart. It returns nil for any other.
func (wc *Wildcard) findOrFrozen(name string) *learnedName {
	if n := wc.find(name); n != nil {
		return n
	}
	wc.mu.Lock()
	defer wc.mu.Unlock()
	f := wc.orders.Frozen
	if f == nil || f.Names[name] == nil || wc.stopped || wc.reg == nil {
		return nil
	}
	if n := wc.find(name); n != nil {
		return n
	}
	return wc.addLocked(name, nil)
}

// Release is [pool.Tracker.Release] for all names.
func (wc *Wildcard) Release(reason string) (pools []string) {
	for _, n := range wc.names.Range {
		for _, p := range n.(*learnedName).tracker.Release(reason) {
			if !slices.Contains(pools, p) {
				pools = append(pools, p)
			}
		}
	}
	return pools
}

// Summary returns the View of the worst name, without addresses, since when and why it
// is the worst, and a hold of a name, or nil.
func (wc *Wildcard) Summary() (v pool.View, since time.Time, reason string, held *pool.Hold) {
	v, since, reason = wc.summary.now()
	for _, n := range wc.names.Range {
		if held = n.(*learnedName).tracker.Held(); held != nil {
			break
		}
	}
	return v, since, reason, held
}

// Unlearned returns the View that View would return for a name that is not learned. It does
// not learn the name.
func (wc *Wildcard) Unlearned(ctx context.Context, w dns.ResponseWriter, name string, qtype uint16) *pool.View {
	if !wc.base.WouldAnswer(wc.next) {
		return wc.base.View()
	}
	first, second := families[0], families[1]
	if qtype == second {
		first, second = second, first
	}
	for _, family := range []uint16{first, second} {
		if r, err := wc.ask(ctx, w, name, family); err == nil && len(r.Addrs) > 0 {
			return pool.UncheckedView(wc.base.Record(), name, wc.next, r)
		}
	}
	return wc.base.View()
}
