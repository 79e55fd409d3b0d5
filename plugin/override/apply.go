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
		list = append(slices.DeleteFunc(list, func(old Override) bool { return old.key() == o.key() }), o)
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
	set := make([]Override, len(r.Changes))
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
		set[i] = o
	}
	return set, nil
}

// resolve looks the target up, and freezes what it is to freeze.
func (s *Set) resolve(o *Override) *Error {
	if o.Address != "" {
		return nil
	}
	found := false
	for at, r := range s.latest() {
		if !o.in(at) {
			continue
		}
		found = true
		if err := o.resolveIn(at, r); err != nil {
			return err
		}
	}
	if !found {
		return &Error{Kind: NotFound, Field: "record", Text: fmt.Sprintf("there is no record %s", o.Record)}
	}
	return nil
}

func (o *Override) resolveIn(at pool.Place, r Record) *Error {
	if o.Action == pool.Freeze {
		o.Frozen = append(o.Frozen, Frozen{at, r.Freeze()})
	}
	if o.Pool == "" {
		return nil
	}
	if !slices.ContainsFunc(r.Config().Pools, func(p pool.Pool) bool { return p.Name == o.Pool }) {
		return &Error{Kind: NotFound, Field: "pool", Text: fmt.Sprintf("%s has no pool %q", at.Record, o.Pool)}
	}
	if o.Endpoint == "" {
		return nil
	}
	name, disabled := r.EndpointName(o.Pool, o.Endpoint)
	switch {
	case name == "":
		return &Error{Kind: NotFound, Field: "endpoint", Text: fmt.Sprintf("pool %s of %s has no endpoint %q", o.Pool, at.Record, o.Endpoint)}
	case disabled && o.Action == pool.ForceUp:
		return invalid("action", "%s is disabled in the Corefile", name)
	}
	o.Endpoint = name
	return nil
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
	s.replaceLocked(list, "override: "+set[0].Reason)
	for _, o := range old {
		if !slices.ContainsFunc(list, func(n Override) bool { return n.ID == o.ID }) {
			s.tell(What{Ended: true, Reason: "replaced by a newer one", Actor: set[0].Actor}, o)
		}
	}
	for _, o := range set {
		s.tell(What{Reason: o.Reason, Actor: o.Actor}, o)
	}
}
