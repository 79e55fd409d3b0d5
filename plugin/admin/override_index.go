package admin

import (
	"net/netip"
	"slices"

	"github.com/coredns-failover/failover/plugin/override"
	"github.com/coredns-failover/failover/plugin/pool"
)

// An overrideIndex finds the overrides of a record without going through all: there may be
// tens of thousands of both.
type overrideIndex struct {
	list      []override.Override // the oldest first
	byRecord  map[string][]int
	byAddress map[netip.Addr][]int
}

func newOverrideIndex(list []override.Override) *overrideIndex {
	x := &overrideIndex{list: list, byRecord: make(map[string][]int), byAddress: make(map[netip.Addr][]int)}
	for i := range list {
		if addr, err := netip.ParseAddr(list[i].Address); err == nil {
			x.byAddress[addr] = append(x.byAddress[addr], i)
		} else {
			x.byRecord[list[i].Record] = append(x.byRecord[list[i].Record], i)
		}
	}
	return x
}

// of returns the IDs of the overrides of a record and of its addresses, the oldest first.
func (x *overrideIndex) of(at pool.Place, s *pool.Status) (ids []string) {
	var found []int
	for _, i := range x.byRecord[at.Record] {
		if x.list[i].Concerns(at, nil) {
			found = append(found, i)
		}
	}
	if len(x.byAddress) > 0 {
		for p := range s.Pools {
			for e := range s.Pools[p].Endpoints {
				found = append(found, x.byAddress[s.Pools[p].Endpoints[e].Addr]...)
			}
		}
	}
	slices.Sort(found)
	for _, i := range slices.Compact(found) {
		ids = append(ids, x.list[i].ID)
	}
	return ids
}
