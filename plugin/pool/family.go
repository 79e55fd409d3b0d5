package pool

import (
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// fill adds the records of addresses to the families of s, with the TTL of index ttl.
func (s *Set) fill(addresses []*address, ttl int) {
	weighs := s.Policy.Kind == Weighted || s.Policy.Kind == Hash
	var v4, v6 []*address
	for _, a := range addresses {
		if a.addr.Is4() {
			v4 = append(v4, a)
		} else {
			v6 = append(v6, a)
		}
	}
	s.A.fill(v4, ttl, weighs)
	s.AAAA.fill(v6, ttl, weighs)
}

func (f *Family) fill(addresses []*address, ttl int, weighs bool) {
	reserves := weighs && !slices.ContainsFunc(addresses, func(a *address) bool { return a.cfg.Weight > 0 })
	for _, a := range addresses {
		w := a.cfg.Weight
		switch {
		case reserves:
			w = 1
		case weighs && w == 0:
			continue
		}
		f.RRs = append(f.RRs, a.rrs[ttl])
		if weighs {
			f.weigh(a, uint64(w)) // #nosec G115 -- 0 to 65535
		}
	}
	f.Even = len(f.Delays) > 0 && slices.Min(f.Delays) == slices.Max(f.Delays)
}

// setRotation makes answers from s count in r.
func (s *Set) setRotation(r *rotation) {
	s.A.Rotation, s.A.LinkedRotation = &r.a, &r.linkedA
	s.AAAA.Rotation, s.AAAA.LinkedRotation = &r.aaaa, &r.linkedAAAA
}

// WithOwnRotation returns a copy of s whose next answer is that of s, and that counts for
// itself.
func (s *Set) WithOwnRotation() *Set {
	c := *s
	c.setRotation(new(rotation))
	for _, f := range [][2]*Family{{&c.A, &s.A}, {&c.AAAA, &s.AAAA}} {
		if own, of := f[0], f[1]; of.Rotation != nil {
			own.Rotation.Store(of.Rotation.Load())
			own.LinkedRotation.Store(of.LinkedRotation.Load())
		}
	}
	return &c
}

// setOwner makes name the owner of all records. Records of the next plugins may have
// another one: the target of a CNAME.
func (f *Family) setOwner(name string) {
	for i, rr := range f.RRs {
		if !strings.EqualFold(rr.Header().Name, name) {
			f.RRs[i] = dns.Copy(rr)
			f.RRs[i].Header().Name = name
		}
	}
}

func (f *Family) weigh(a *address, w uint64) {
	sum := w
	if n := len(f.Shares); n > 0 {
		sum += f.Shares[n-1]
	}
	f.Shares = append(f.Shares, sum)
	f.IDs = append(f.IDs, a.id())
	f.Delays = append(f.Delays, uint32(1<<31/w)) // #nosec G115 -- at most 2^31
}

// Share returns the weight of the endpoint i.
func (f *Family) Share(i int) uint64 {
	if i == 0 {
		return f.Shares[0]
	}
	return f.Shares[i] - f.Shares[i-1]
}
