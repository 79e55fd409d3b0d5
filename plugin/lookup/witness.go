package lookup

import (
	"net/netip"
	"slices"
	"sync"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/pool"
)

// A Witness is a target whose checks tell whether this server is cut off: an address,
// or all addresses of a host name.
type Witness struct {
	cfg pool.Endpoint

	mu        sync.Mutex            // guards the following
	reg       *healthcheck.Registry // nil before the start and after the stop
	targets   []addrLeases
	onAddress func() // called with the first address; nil after that
}

// addrLeases are the leases on the checks of one address.
type addrLeases struct {
	addr   netip.Addr
	leases []*healthcheck.Lease
}

// NewWitness returns a Witness. Its checks begin at Start.
func NewWitness(cfg pool.Endpoint) *Witness { return &Witness{cfg: cfg} }

// Start starts the checks. prev is the same Witness before a reload, which may be nil:
// until a host name is looked up, it has the addresses from there.
func (w *Witness) Start(reg *healthcheck.Registry, prev *Witness) {
	var addrs []netip.Addr
	switch {
	case w.cfg.Addr.IsValid():
		addrs = []netip.Addr{w.cfg.Addr}
	case prev != nil:
		addrs = prev.addrs()
	}
	w.mu.Lock()
	w.reg, w.onAddress = reg, reg.ExpectWitness()
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

// Stop ends the checks.
func (w *Witness) Stop() {
	w.mu.Lock()
	reg, old := w.reg, w.targets
	w.reg, w.targets = nil, nil
	w.reportAddressLocked()
	w.mu.Unlock()
	release(reg, old)
}

func (w *Witness) reportAddressLocked() {
	if w.onAddress != nil {
		w.onAddress()
		w.onAddress = nil
	}
}

// addrs implements subscriber.
func (w *Witness) addrs() (addrs []netip.Addr) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range w.targets {
		addrs = append(addrs, t.addr)
	}
	return addrs
}

// setHost implements subscriber. It returns when the checks of removed addresses have
// ended.
func (w *Witness) setHost(addrs []netip.Addr) { release(w.replace(addrs)) }

// replace starts the checks of addrs, and returns the leases to release without the
// mutex: that waits for probes.
func (w *Witness) replace(addrs []netip.Addr) (reg *healthcheck.Registry, old []addrLeases) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.reg == nil {
		return nil, nil
	}
	old = w.targets
	w.targets = nil
	for _, addr := range addrs[:min(len(addrs), pool.MaxAddrs)] {
		i := slices.IndexFunc(old, func(t addrLeases) bool { return t.addr == addr })
		if i < 0 {
			w.targets = append(w.targets, w.acquire(addr))
			continue
		}
		w.targets = append(w.targets, old[i])
		old = slices.Delete(slices.Clone(old), i, i+1)
	}
	if len(w.targets) > 0 {
		w.reportAddressLocked()
	}
	return w.reg, old
}

func release(reg *healthcheck.Registry, old []addrLeases) {
	for _, t := range old {
		reg.Release(t.leases...)
	}
}

func (w *Witness) acquire(addr netip.Addr) addrLeases {
	t := addrLeases{addr: addr}
	for key := range w.cfg.ChecksOf(addr) {
		t.leases = append(t.leases, w.reg.AcquireWitness(key))
	}
	return t
}

// failed implements subscriber.
func (w *Witness) failed() {}
