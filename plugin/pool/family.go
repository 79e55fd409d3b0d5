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
	if len(addresses) == 0 {
		return
	}
	f.RRs = make([]dns.RR, 0, len(addresses))
	if weighs {
		f.Weights = new(Weights)
	}
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
			f.add(a, uint64(w)) // #nosec G115 -- 0 to 65535
		}
	}
	if weighs {
		f.Even = slices.Min(f.Delays) == slices.Max(f.Delays)
	}
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

func (w *Weights) add(a *address, weight uint64) {
	sum := weight
	if n := len(w.Shares); n > 0 {
		sum += w.Shares[n-1]
	}
	w.Shares = append(w.Shares, sum)
	w.IDs = append(w.IDs, a.id())
	w.Delays = append(w.Delays, uint32(1<<31/weight)) // #nosec G115 -- at most 2^31
}

// Share returns the weight of the endpoint i.
func (w *Weights) Share(i int) uint64 {
	if i == 0 {
		return w.Shares[0]
	}
	return w.Shares[i] - w.Shares[i-1]
}
