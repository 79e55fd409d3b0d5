package lookup

import (
	"net/netip"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/pool"
)

// Recall lets names that are learned start from what an earlier process knew of their
// addresses. It is called before Start.
func (wc *Wildcard) Recall(r *pool.Recalled) {
	wc.mu.Lock()
	defer wc.mu.Unlock()
	wc.recalled = r
}

// recalled returns what it still knows of an earlier process.
func (wc *Wildcard) recalledAddresses() *pool.Recalled {
	wc.mu.Lock()
	defer wc.mu.Unlock()
	return wc.recalled
}

// Memory adds to m the addresses of learned names that are down: a name that is learned
// after a restart must not be answered with them.
func (wc *Wildcard) Memory(m *pool.Memory) {
	seen := make(map[netip.Addr]bool)
	for _, e := range m.Endpoints {
		seen[e.Addr] = true
	}
	for _, n := range wc.names.Range {
		for _, e := range n.(*learnedName).tracker.Memory().Endpoints {
			if e.State == healthcheck.Down.String() && !seen[e.Addr] {
				seen[e.Addr] = true
				m.Endpoints = append(m.Endpoints, e)
			}
		}
	}
}
