package lookup

import (
	"net/netip"
	"slices"
	"sync"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

// A subscriber is what has the addresses of a host name.
type subscriber interface {
	// addrs are those that it has now.
	addrs() []netip.Addr
	// setHost says which it has.
	setHost(addrs []netip.Addr)
	// failed says that nobody can tell. What was known stays.
	failed()
}

// A subscribers is who has the addresses of which host names.
type subscribers struct {
	hosts  []string // in the order of the Corefile, each once
	byName map[string][]subscriber
}

func (s *subscribers) add(host string, g subscriber) {
	if s.byName == nil {
		s.byName = make(map[string][]subscriber)
	}
	if len(s.byName[host]) == 0 {
		s.hosts = append(s.hosts, host)
	}
	s.byName[host] = append(s.byName[host], g)
}

// A hostLookup hands the addresses of a host name to its guests.
type hostLookup struct {
	subscribers []subscriber

	mu    sync.Mutex // guards the following
	addrs [2][]netip.Addr
}

// newHostLookup begins with the addresses that the guests have from before a
// reload: the first lookup of a family may fail.
func newHostLookup(guests []subscriber) *hostLookup {
	h := &hostLookup{subscribers: guests}
	for _, g := range guests {
		for _, a := range g.addrs() {
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

// onReply takes in what was said of both families. A name that does not exist, or is
// without any address, is a lookup that failed: what was known stays. The families
// may be told of one after the other, and the name is gone for both.
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
	for _, g := range h.subscribers {
		if len(all) == 0 {
			g.failed()
		} else {
			g.setHost(all)
		}
	}
}

func isNXDOMAIN(r *pool.Reply) bool {
	return r.Negative != nil && r.Negative.Rcode == dns.RcodeNameError
}
