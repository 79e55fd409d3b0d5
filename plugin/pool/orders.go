package pool

import (
	"net/netip"
	"slices"
)

// An Action is what the operator wants of a record, a pool or an endpoint.
type Action string

// The actions.
const (
	ForceUp   Action = "up"     // of a pool or an endpoint: it is healthy, whatever probes say
	ForceDown Action = "down"   // the same: it is not
	Drain     Action = "drain"  // an endpoint is left out of answers while its pool has another healthy one of its family; a pool is ranked behind all healthy ones
	Use       Action = "pool"   // of a record: this pool answers
	Freeze    Action = "freeze" // of a record: the answers stay as they are
)

// Orders are the operator's word about a record: an input of its Tracker, as the states
// of its checks are. The zero value is none.
type Orders struct {
	RecordID string  // of the override that set Use or Frozen
	Use      string  // the pool that answers, or ""
	Frozen   *Frozen // what is answered, or nil
	// Pools and Endpoints are the rest. The first that fits counts.
	Pools     []OrderForPool
	Endpoints []EndpointOrder
}

// An OrderForPool is about one pool.
type OrderForPool struct {
	ID     string // of the override
	Pool   string
	Action Action // ForceUp, ForceDown or Drain
}

// An EndpointOrder is about one endpoint of a pool, or about an address in all pools.
type EndpointOrder struct {
	ID       string // of the override
	Pool     string
	Endpoint string     // its name, label, host name or address
	Addr     netip.Addr // in place of Pool and Endpoint
	Action   Action     // ForceUp, ForceDown or Drain
}

// Equal reports whether o and p say the same.
func (o *Orders) Equal(p Orders) bool {
	return o.RecordID == p.RecordID && o.Use == p.Use && o.Frozen == p.Frozen &&
		slices.Equal(o.Pools, p.Pools) && slices.Equal(o.Endpoints, p.Endpoints)
}

// An order is what counts for one pool or address. The zero value is none.
type order struct {
	id     string
	action Action
}

// noOrder is what most pools and addresses share, and noOrders what most records do.
var (
	noOrder  = new(order)
	noOrders = new(Orders)
)

// ofPool returns what counts for a pool.
func (o *Orders) ofPool(name string) *order {
	for _, p := range o.Pools {
		if p.Pool == name {
			return &order{p.ID, p.Action}
		}
	}
	return noOrder
}

// isCalled reports whether an address, or the endpoint that it is of, has a name.
func (a *address) isCalled(name string) bool {
	return name != "" && (name == a.name || name == a.cfg.Name || name == a.cfg.Host || name == a.addr.String())
}

// ofAddress returns what counts for an address of a pool.
func (o *Orders) ofAddress(pool string, a *address) *order {
	for _, e := range o.Endpoints {
		if e.Addr == a.addr || e.Pool == pool && a.isCalled(e.Endpoint) {
			return &order{e.ID, e.Action}
		}
	}
	return noOrder
}
