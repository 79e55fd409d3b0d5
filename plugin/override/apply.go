package override

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

// An Answer is what came of a Request, or would.
type Answer struct {
	Overrides []Override `json:"overrides"`
	Effects   []Effect   `json:"effects"`
}

// An Effect is what changes for one record.
type Effect struct {
	Record string  `json:"record"`
	Server string  `json:"server"`
	View   string  `json:"view"`
	Before Outcome `json:"before"`
	After  Outcome `json:"after"`
}

// An Outcome is what a client of whom nothing is known gets.
type Outcome struct {
	State pool.State   `json:"state"`
	Pool  string       `json:"pool"`
	A     []netip.Addr `json:"a"`
	AAAA  []netip.Addr `json:"aaaa"`
}

// Apply does what an operator wants, in the name of actor.
func (s *Set) Apply(r Request, actor string) (Answer, *Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	set, err := s.read(r, actor)
	if err != nil {
		return Answer{}, err
	}
	list := slices.Clone(s.List())
	for _, o := range set {
		list = append(without(list, o.key()), o)
	}
	a := Answer{Overrides: set, Effects: []Effect{}}
	healthy := true
	for at, r := range s.latest() {
		if e, changed, ok := effect(at, r, list, s.List()); changed {
			a.Effects, healthy = append(a.Effects, e), healthy && ok
		}
	}
	slices.SortFunc(a.Effects, func(a, b Effect) int {
		return strings.Compare(a.Record+"\x00"+a.Server+"\x00"+a.View, b.Record+"\x00"+b.Server+"\x00"+b.View)
	})
	switch {
	case !healthy && !r.Force:
		return a, &Error{Kind: Refused, Text: "nothing healthy would be left to answer", Effects: a.Effects}
	case r.DryRun:
		return a, nil
	}
	if err := s.saveLocked(list); err != nil {
		return a, err
	}
	s.setLocked(list, set)
	return a, nil
}

// read returns the overrides that a Request sets.
func (s *Set) read(r Request, actor string) ([]Override, *Error) {
	if len(r.Changes) == 0 {
		return nil, invalid("changes", "expected at least one change")
	}
	now := s.clock.Now().UTC()
	var set []Override
	for i := range r.Changes {
		o, err := r.Changes[i].override(s, now)
		if err != nil {
			err.Field = fmt.Sprintf("changes[%d].%s", i, err.Field)
			return nil, err
		}
		o.ID, o.Actor = newID(), actor
		if o.Author != "" {
			o.Actor += " " + o.Author
		}
		set = append(without(set, o.key()), o)
	}
	return set, nil
}

// without returns overrides without the one that a newer one with this key replaces.
func without(list []Override, key Target) []Override {
	return slices.DeleteFunc(list, func(o Override) bool { return o.key() == key })
}

// latest returns the records that serve: of those in one place the one that was
// attached last.
func (s *Set) latest() map[pool.Place]Record {
	records := make(map[pool.Place]Record, len(s.records))
	for at, same := range maps.All(s.records) {
		records[at] = same[len(same)-1]
	}
	return records
}

// effect returns what changes for a record with list in place of before, whether that
// is anything, and whether something healthy is left to answer.
func effect(at pool.Place, r Record, list, before []Override) (e Effect, changed, ok bool) {
	is := orders(list, at)
	if is.Equal(orders(before, at)) {
		return e, false, true
	}
	from, to := r.View(), r.Preview(is)
	e = Effect{at.Record, at.Server, at.View, outcome(r, from), outcome(r, to)}
	return e, !e.Before.equal(&e.After), !to.Unhealthy
}

func outcome(r Record, v *pool.View) Outcome {
	name := pool.NoneName
	if v.Pool != pool.None {
		name = r.Config().Pools[v.Pool].Name
	}
	return Outcome{v.State, name, v.Published(dns.TypeA), v.Published(dns.TypeAAAA)}
}

func (o *Outcome) equal(p *Outcome) bool {
	return o.State == p.State && o.Pool == p.Pool && slices.Equal(o.A, p.A) && slices.Equal(o.AAAA, p.AAAA)
}

// setLocked makes list the overrides, of which set are new.
func (s *Set) setLocked(list, set []Override) {
	old := s.List()
	s.replaceLocked(list, func(at pool.Place) string { return reasonAt(at, set) })
	for _, o := range old {
		if !slices.ContainsFunc(list, func(n Override) bool { return n.ID == o.ID }) {
			s.tell(What{Ended: true, Reason: "replaced by a newer one", Actor: set[0].Actor}, o)
		}
	}
	for _, o := range set {
		s.tell(What{Reason: o.Reason, Actor: o.Actor}, o)
	}
}

// reasonAt returns the reasons of those of set that are about a record, or may be.
func reasonAt(at pool.Place, set []Override) string {
	var reasons []string
	for _, o := range set {
		if (o.Address != "" || o.in(at)) && !slices.Contains(reasons, o.Reason) {
			reasons = append(reasons, o.Reason)
		}
	}
	return "override: " + strings.Join(reasons, "; ")
}
