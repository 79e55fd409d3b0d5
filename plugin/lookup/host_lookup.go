package lookup

import (
	"net/netip"
	"slices"
	"sync"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

// A subscriber uses the addresses of a host name.
type subscriber interface {
	// addrs returns the addresses that it uses now.
	addrs() []netip.Addr
	// setHost sets the addresses.
	setHost(addrs []netip.Addr)
	// failed is called when the lookup failed. The addresses stay.
	failed()
}

// subscribers are the subscribers of host names.
type subscribers struct {
	hosts  []string // in the order of the Corefile, each once
	byName map[string][]subscriber
}

func (s *subscribers) add(host string, sub subscriber) {
	if s.byName == nil {
		s.byName = make(map[string][]subscriber)
	}
	if len(s.byName[host]) == 0 {
		s.hosts = append(s.hosts, host)
	}
	s.byName[host] = append(s.byName[host], sub)
}

// A hostLookup passes the addresses of a host name to its subscribers.
type hostLookup struct {
	subscribers []subscriber

	mu    sync.Mutex // guards the following
	addrs [2][]netip.Addr
}

// newHostLookup returns a hostLookup with the addresses that subscribers have from
// before a reload: the first lookup of a family may fail.
func newHostLookup(subscribers []subscriber) *hostLookup {
	h := &hostLookup{subscribers: subscribers}
	for _, s := range subscribers {
		for _, a := range s.addrs() {
			i := 0
			if a.Is6() {
				i = 1
			}
			if !slices.Contains(h.addrs[i], a) {
				h.addrs[i] = append(h.addrs[i], a)
			}
		}
	}
	return h
}

// onReply takes the replies of the families that were looked up. NXDOMAIN, and a name
// without any address, is a failed lookup: the addresses stay. The families may be
// looked up one after the other, and NXDOMAIN is for both.
func (h *hostLookup) onReply(v4, v6 *pool.Reply) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, r := range []*pool.Reply{v4, v6} {
		if r != nil && !isNXDOMAIN(r) {
			h.addrs[i] = nil
			for a := range r.All() {
				h.addrs[i] = append(h.addrs[i], a)
			}
		}
	}
	all := slices.Concat(h.addrs[0], h.addrs[1])
	for _, s := range h.subscribers {
		if len(all) == 0 {
			s.failed()
		} else {
			s.setHost(all)
		}
	}
}

func isNXDOMAIN(r *pool.Reply) bool {
	return r.Negative != nil && r.Negative.Rcode == dns.RcodeNameError
}
