package override

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"github.com/coredns-failover/failover/plugin/pool"
)

// resolve looks the target up, and freezes what it is to freeze. It is enough if one of
// the records that have the name has the pool and the endpoint.
func (s *Set) resolve(o *Override) *Error {
	if o.Address != "" {
		return s.resolveAddress(o)
	}
	records := s.recordsOf(o)
	switch {
	case len(records) == 0:
		return notFound("record", "there is no record %s%s", o.Record, o.where())
	case o.Action == pool.Freeze:
		for _, r := range records {
			o.Frozen = append(o.Frozen, Frozen{r.Place(), r.Freeze()})
		}
	case o.Pool == "":
	case !slices.ContainsFunc(records, func(r Record) bool { return hasPool(r, o.Pool) }):
		return notFound("pool", "%s has no pool %q", o.Record, o.Pool)
	case o.Endpoint != "":
		return o.resolveEndpoint(records)
	}
	return nil
}

func notFound(field, format string, v ...any) *Error {
	return &Error{Kind: NotFound, Field: field, Text: fmt.Sprintf(format, v...)}
}

// where returns how the target is narrowed, for an error.
func (t *Target) where() (text string) {
	if t.Server != "" {
		text += " at " + t.Server
	}
	if t.View != "" {
		text += " in view " + t.View
	}
	return text
}

// recordsOf returns the records that a target is in, in a fixed order.
func (s *Set) recordsOf(o *Override) (records []Record) {
	for at, r := range s.latest() {
		if o.in(at) {
			records = append(records, r)
		}
	}
	slices.SortFunc(records, func(a, b Record) int {
		p, q := a.Place(), b.Place()
		return cmp.Or(cmp.Compare(p.Server, q.Server), cmp.Compare(p.View, q.View))
	})
	return records
}

func hasPool(r Record, name string) bool {
	return slices.ContainsFunc(r.Config().Pools, func(p pool.Pool) bool { return p.Name == name })
}

// resolveEndpoint sets the name of the endpoint to what records call it, if they agree.
func (o *Override) resolveEndpoint(records []Record) *Error {
	given := o.Endpoint
	if addr, err := netip.ParseAddr(given); err == nil {
		given = addr.Unmap().String()
	}
	var names []string
	for _, r := range records {
		name, disabled := r.EndpointName(o.Pool, given)
		if disabled && o.Action == pool.ForceUp {
			return invalid("action", "%s is disabled in the Corefile", name)
		}
		if name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	switch names = slices.Compact(names); len(names) {
	case 0:
		return notFound("endpoint", "pool %s of %s has no endpoint %q", o.Pool, o.Record, given)
	case 1:
		o.Endpoint = names[0]
	default:
		o.Endpoint = given
	}
	return nil
}

// resolveAddress refuses to force up an address that is disabled wherever it stands. One
// that stands nowhere is taken.
func (s *Set) resolveAddress(o *Override) *Error {
	if o.Action != pool.ForceUp {
		return nil
	}
	found := false
	for _, r := range s.latest() {
		for _, p := range r.Config().Pools {
			name, disabled := r.EndpointName(p.Name, o.Address)
			if name != "" && !disabled {
				return nil
			}
			found = found || name != ""
		}
	}
	if found {
		return invalid("action", "%s is disabled in the Corefile", o.Address)
	}
	return nil
}
