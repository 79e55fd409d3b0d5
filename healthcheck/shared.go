package healthcheck

import "net/netip"

// A sharedSpec is used by all checkers of one Spec. Each has a pointer to it and not a copy
// of the Spec: there may be tens of thousands of checkers.
type sharedSpec struct {
	Spec
	prober Prober
	cost   int64 // descriptors that a probe takes
	users  int
}

// A checkerKey identifies a checker in a Registry, as Key does.
type checkerKey struct {
	spec *sharedSpec
	addr netip.Addr
}

// A sharedProber is used by all checkers of one Check.
type sharedProber struct {
	Prober
	users int
}

func (r *Registry) specLocked(s Spec) *sharedSpec {
	shared, ok := r.specs[s]
	if !ok {
		shared = &sharedSpec{Spec: s, prober: r.proberLocked(s.Check), cost: min(costOf(s.Check), r.files.most)}
		r.specs[s] = shared
	}
	shared.users++
	return shared
}

func (r *Registry) dropSpecLocked(s *sharedSpec) {
	if s.users--; s.users == 0 {
		delete(r.specs, s.Spec)
		r.dropProberLocked(s.Check)
	}
}

func (r *Registry) proberLocked(c Check) Prober {
	p, ok := r.probers[c]
	if !ok {
		p = &sharedProber{Prober: r.proberOf(c)}
		r.probers[c] = p
	}
	p.users++
	return p.Prober
}

func (r *Registry) dropProberLocked(c Check) {
	p := r.probers[c]
	if p.users--; p.users == 0 {
		delete(r.probers, c)
	}
}

func (r *Registry) proberOf(c Check) Prober {
	if c, ok := c.(Clocked); ok {
		return c.ProberAt(r.clock.Now)
	}
	return c.Prober()
}
