package override

import (
	"net/netip"
	"slices"

	"github.com/coredns-failover/failover/plugin/pool"
)

// orders returns what a list of overrides, the oldest first, means for a record.
func orders(list []Override, at pool.Place) pool.Orders {
	var o pool.Orders
	for i := range list {
		v := &list[i]
		switch {
		case v.Address != "":
			addr, _ := netip.ParseAddr(v.Address) // it was one when it was set
			o.Endpoints = append(o.Endpoints, pool.EndpointOrder{ID: v.ID, Addr: addr, Action: v.Action})
		case !v.in(at):
		case v.Action == pool.Freeze:
			if f := v.frozen(at); f != nil {
				o.Frozen, o.RecordID = f, v.ID
			}
		case v.Action == pool.Use:
			if o.Use = v.Pool; o.Frozen == nil {
				o.RecordID = v.ID
			}
		case v.Endpoint != "":
			o.Endpoints = append(o.Endpoints, pool.EndpointOrder{ID: v.ID, Pool: v.Pool, Endpoint: v.Endpoint, Action: v.Action})
		default:
			o.Pools = append(o.Pools, pool.OrderForPool{ID: v.ID, Pool: v.Pool, Action: v.Action})
		}
	}
	slices.Reverse(o.Endpoints) // the newest counts
	slices.Reverse(o.Pools)
	return o
}

// frozen returns what a record is to go on answering, or nil if it is not known yet.
func (o *Override) frozen(at pool.Place) *pool.Frozen {
	for i := range o.Frozen {
		if o.Frozen[i].Place == at {
			return o.Frozen[i].Answers
		}
	}
	return nil
}
