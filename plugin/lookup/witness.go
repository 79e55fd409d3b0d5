package lookup

import (
	"net/netip"
	"slices"
	"sync"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/pool"
)

// A Witness is a target that tells whether this server is cut off, while it is
// asked: an address, or all those of a host name.
type Witness struct {
	cfg pool.Endpoint

	mu    sync.Mutex            // guards the following
	reg   *healthcheck.Registry // nil before the start and after the stop
	asked []addrLeases
	met   func() // says that an address is known; nil once one is
}

// addrLeases are those on the checks of one address.
type addrLeases struct {
	addr   netip.Addr
	leases []*healthcheck.Lease
}

// NewWitness returns a Witness. Nothing is asked before it is started.
func NewWitness(cfg pool.Endpoint) *Witness { return &Witness{cfg: cfg} }

// Start begins to ask. A host name has the addresses that it has in prev, the
// same witness before a reload, which may be nil, until it is looked up.
func (w *Witness) Start(reg *healthcheck.Registry, prev *Witness) {
	var addrs []netip.Addr
	switch {
	case w.cfg.Addr.IsValid():
		addrs = []netip.Addr{w.cfg.Addr}
	case prev != nil:
		addrs = prev.addrs()
	}
	w.mu.Lock()
	w.reg, w.met = reg, reg.ExpectWitness()
	w.mu.Unlock()
	w.setHost(addrs)
}

// Target returns the address or the host name.
func (w *Witness) Target() string {
	if w.cfg.Host != "" {
		return w.cfg.Host
	}
	return w.cfg.Addr.String()
}

// Stop ends all that is asked.
func (w *Witness) Stop() {
	w.mu.Lock()
	reg, old := w.reg, w.asked
	w.reg, w.asked = nil, nil
	w.meet()
	w.mu.Unlock()
	release(reg, old)
}

func (w *Witness) meet() {
	if w.met != nil {
		w.met()
		w.met = nil
	}
}

// addrs implements guest.
func (w *Witness) addrs() (addrs []netip.Addr) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range w.asked {
		addrs = append(addrs, t.addr)
	}
	return addrs
}

// setHost implements guest. It returns once the addresses that are gone are no
// longer asked.
func (w *Witness) setHost(addrs []netip.Addr) { release(w.replace(addrs)) }

// replace has addrs asked, and returns what is to be released, without the lock:
// that waits for probes.
func (w *Witness) replace(addrs []netip.Addr) (reg *healthcheck.Registry, old []addrLeases) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.reg == nil {
		return nil, nil
	}
	old = w.asked
	w.asked = nil
	for _, addr := range addrs[:min(len(addrs), pool.MaxAddrs)] {
		i := slices.IndexFunc(old, func(t addrLeases) bool { return t.addr == addr })
		if i < 0 {
			w.asked = append(w.asked, w.ask(addr))
			continue
		}
		w.asked = append(w.asked, old[i])
		old = slices.Delete(slices.Clone(old), i, i+1)
	}
	if len(w.asked) > 0 {
		w.meet()
	}
	return w.reg, old
}

func release(reg *healthcheck.Registry, of []addrLeases) {
	for _, t := range of {
		reg.Release(t.leases...)
	}
}

func (w *Witness) ask(addr netip.Addr) addrLeases {
	t := addrLeases{addr: addr}
	for key := range w.cfg.ChecksOf(addr) {
		t.leases = append(t.leases, w.reg.AcquireWitness(key))
	}
	return t
}

// failed implements guest.
func (w *Witness) failed() {}
