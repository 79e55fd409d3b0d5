package serve

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
	"github.com/coredns-failover/failover/plugin/rr"
)

// none is the result of a stage that picked nothing.
const none = "none"

// stages say what each stage of a decision saw and did.
type stages struct {
	query  *query
	d      *decision
	by     pool.Stage // that decided for the pool
	status pool.Status
	reply  *dns.Msg
	facts  *Facts
}

// all returns the stages in their order. Those that an override of the record leaves no
// say are skipped.
func (s *stages) all() []Stage {
	all := []Stage{s.witness(), s.unknown(), s.thresholds(), s.minHealthy(), s.failback(), s.prefer(), s.steer(), s.panic(), s.policy(), s.ttl()}
	if s.status.Order == "" {
		return all
	}
	why := s.override(s.status.RecordID)
	for i := range all {
		switch st := &all[i]; {
		case i < 3:
		case st.Stage == "steer", s.status.Order == pool.Freeze && i >= 7:
			st.Reason = why
		case s.status.Order == pool.Freeze || i < 6:
			st.Result, st.Reason = "skipped", why
		}
	}
	return all
}

// override describes an override.
func (s *stages) override(id string) string { return "override " + id + ": " + s.facts.Override(id) }

func (s *stages) config() *pool.Record { return s.query.rec.Config() }

func (s *stages) poolName(p int) string { return s.query.rec.PoolName(p) }

func (s *stages) poolNames(ps []int) string {
	names := make([]string, len(ps))
	for i, p := range ps {
		names[i] = s.poolName(p)
	}
	return orNone(names)
}

// orNone returns a list, or that it is empty.
func orNone(names []string) string {
	if len(names) == 0 {
		return none
	}
	return strings.Join(names, ", ")
}

func (s *stages) witness() Stage {
	switch {
	case s.facts.CutOff:
		return Stage{"witness", "frozen", "no witness answers: this server is cut off, and no endpoint changes its state"}
	case s.facts.Witnesses == 0:
		return Stage{"witness", none, "there are no witnesses: the probes alone decide"}
	}
	return Stage{"witness", "ok", "a witness answers, or none has been asked yet: the probes decide"}
}

// most is how many endpoints a reason names.
const most = 20

// endpoints returns the names of the endpoints that pick wants, and what it says of each.
func (s *stages) endpoints(pick func(*pool.EndpointStatus) string) (names, texts []string) {
	for p := range s.status.Pools {
		for i := range s.status.Pools[p].Endpoints {
			e := &s.status.Pools[p].Endpoints[i]
			if text := pick(e); text != "" {
				names = append(names, e.Name)
				texts = append(texts, fmt.Sprintf("%s of %s %s", e.Name, s.poolName(p), text))
			}
		}
	}
	if n := len(texts); n > most {
		texts = append(texts[:most:most], fmt.Sprintf("and %d more", n-most))
	}
	return names, texts
}

func (s *stages) unknown() Stage {
	names, texts := s.endpoints(func(e *pool.EndpointStatus) string {
		switch {
		case e.Disabled || e.Probed.String() != "unknown" || e.Order == pool.ForceUp || e.Order == pool.ForceDown:
			return ""
		case !e.Addr.IsValid():
			return "has no address yet"
		case e.Counts:
			return "has no verdict and counts as healthy"
		}
		return "cannot be asked and counts as down, as its pool is"
	})
	if len(names) == 0 {
		return Stage{"unknown", none, "every endpoint has a verdict"}
	}
	return Stage{"unknown", strings.Join(names, ", "), strings.Join(texts, "; ")}
}

func (s *stages) thresholds() Stage {
	counts := make(map[string]int)
	_, texts := s.endpoints(func(e *pool.EndpointStatus) string {
		if e.Disabled {
			return ""
		}
		counts[e.State.String()]++
		switch {
		case e.Order == pool.ForceUp || e.Order == pool.ForceDown:
			return fmt.Sprintf("is %s by %s; the probes say %s", e.State, s.override(e.OrderID), e.Probed)
		case e.State.String() == "down":
			return "is down: " + causeOf(e.Reason)
		}
		return ""
	})
	result := fmt.Sprintf("%d up, %d down, %d unknown", counts["up"], counts["down"], counts["unknown"])
	if len(texts) == 0 {
		texts = []string{"no check has failed often enough"}
	}
	return Stage{"thresholds", result, strings.Join(texts, "; ")}
}

// causeOf returns a reason without the words that say of what it is one.
func causeOf(reason string) string {
	if _, cause, ok := strings.Cut(reason, " is down: "); ok {
		return cause
	}
	return reason
}

func (s *stages) minHealthy() Stage {
	var up, texts []string
	for p := range s.status.Pools {
		ps := &s.status.Pools[p]
		text := fmt.Sprintf("%s has %d healthy and needs %d", s.poolName(p), ps.Healthy, ps.Needed)
		if ps.Order == pool.ForceUp || ps.Order == pool.ForceDown {
			text += fmt.Sprintf(", and is %s by %s", ps.Order, s.override(ps.Override))
		}
		if texts = append(texts, text); ps.Up {
			up = append(up, s.poolName(p))
		}
	}
	if v := s.d.View; v.State == pool.Degraded {
		texts = append(texts, "the record is degraded: "+v.Why)
	}
	return Stage{"min_healthy", orNone(up), strings.Join(texts, "; ")}
}

func (s *stages) failback() Stage {
	var held, texts []string
	for p := range s.status.Pools {
		if !s.status.Pools[p].HeldBack {
			continue
		}
		text := s.poolName(p) + " was left because it was down, and is held back"
		switch h := s.status.Held; {
		case h == nil || h.Pool != p:
		case !h.Until.IsZero():
			text += " until " + h.Until.UTC().Format("2006-01-02T15:04:05Z")
		case s.config().Failback.After == 0:
			text += " until it is released"
		}
		held, texts = append(held, s.poolName(p)), append(texts, text)
	}
	if len(held) == 0 {
		return Stage{"failback", none, "no pool is held back"}
	}
	return Stage{"failback", strings.Join(held, ", "), strings.Join(texts, "; ")}
}

func (s *stages) prefer() Stage {
	has := slices.ContainsFunc(s.config().Pools, func(p pool.Pool) bool { return p.Prefer != "" })
	switch {
	case !has:
		return Stage{"prefer", none, "no pool has prefer"}
	case s.by == pool.ByPrefer:
		return Stage{"prefer", s.poolName(s.d.Pool), "true for this client: " + s.config().Pools[s.d.Pool].Prefer}
	case !s.d.View.Choose:
		return Stage{"prefer", none, "there is no choice between pools"}
	}
	return Stage{"prefer", none, "true for this client of no pool that may answer"}
}

func (s *stages) steer() Stage {
	v := s.d.View
	st := Stage{"steer", s.poolName(s.d.Pool), "the first in rank of " + s.poolNames(v.Ranked)}
	switch {
	case s.d.Pool == pool.None:
		st.Reason = v.Why
	case s.by == pool.ByPrefer:
		st.Reason = "the client prefers it"
	case v.Mode == pool.Pending || v.Mode == pool.Next:
		st.Reason = "its addresses are not known yet"
	case s.config().Steer.Kind == pool.SteerWeighted && v.Choose:
		st.Reason = "drawn by weight for the client's subnet in this minute, of " + s.poolNames(v.Ranked)
	case s.config().Steer.Kind == pool.SteerLatency:
		st.Reason += ", by round trips"
	}
	for p := range s.status.Pools {
		if ps := &s.status.Pools[p]; ps.Order == pool.Drain {
			st.Reason += fmt.Sprintf("; %s is behind all others by %s", s.poolName(p), s.override(ps.Override))
		}
	}
	return st
}

func (s *stages) panic() Stage {
	switch {
	case s.d.Pool == pool.None || s.config().Pools[s.d.Pool].Panic == 0:
		return Stage{"panic", "off", "the pool has no panic"}
	case s.d.Set != nil && s.d.Set.Panic:
		return Stage{"panic", "on", fmt.Sprintf("fewer than %d%% of %s are healthy: all of it answers", s.config().Pools[s.d.Pool].Panic, s.poolName(s.d.Pool))}
	}
	return Stage{"panic", "off", fmt.Sprintf("at least %d%% of %s are healthy", s.config().Pools[s.d.Pool].Panic, s.poolName(s.d.Pool))}
}

func (s *stages) policy() Stage {
	v, set, qtype := s.d.View, s.d.Set, s.query.r.Question[0].Qtype
	typeName := dns.Type(qtype).String()
	switch {
	case v.Mode == pool.Next, !s.query.rec.Answers(qtype):
		return Stage{"policy", "next", "the next plugins answer " + typeName}
	case v.Mode == pool.Pending:
		return Stage{"policy", "servfail", "the first lookup of the pool has not ended"}
	case v.Mode == pool.ServFail, v.Mode == pool.NoAddress, v.Mode == pool.NoData:
		return Stage{"policy", map[pool.Mode]string{pool.NoData: "nodata"}[v.Mode] + map[bool]string{true: "servfail"}[v.Mode != pool.NoData], v.Why}
	case set.CNAME != nil:
		return Stage{"policy", "cname", "the answer is a CNAME to " + set.CNAME.(*dns.CNAME).Target}
	case !rr.IsAddress(qtype) && qtype != dns.TypeANY:
		return Stage{"policy", "next", "the next plugins answer " + typeName}
	}
	return Stage{"policy", policyText(set.Policy), s.picked(typeName) + s.drained()}
}

func policyText(p pool.Policy) string {
	if p.Count == 0 {
		return string(p.Kind)
	}
	return string(p.Kind) + " " + strconv.Itoa(p.Count)
}

// picked says which addresses the answer carries, and out of how many.
func (s *stages) picked(typeName string) string {
	var addrs []string
	for _, r := range s.reply.Answer {
		if a, ok := rr.Addr(r); ok {
			addrs = append(addrs, a.String())
		}
	}
	n := 0
	for _, qtype := range []uint16{dns.TypeA, dns.TypeAAAA} {
		if q := s.query.r.Question[0].Qtype; q == qtype || q == dns.TypeANY {
			n += len(s.d.Set.Family(qtype).RRs)
		}
	}
	return fmt.Sprintf("%s of %d for %s", orNone(addrs), n, typeName)
}

// drained says which endpoints are left out of answers because of an override.
func (s *stages) drained() (text string) {
	if s.d.Pool == pool.None {
		return ""
	}
	for i := range s.status.Pools[s.d.Pool].Endpoints {
		if e := &s.status.Pools[s.d.Pool].Endpoints[i]; e.Order == pool.Drain {
			what := "left out"
			if e.Served {
				what = "still served, as there is no other"
			}
			text += fmt.Sprintf("; %s is %s by %s", e.Name, what, s.override(e.OrderID))
		}
	}
	return text
}

func (s *stages) ttl() Stage {
	v, rec := s.d.View, s.config()
	st := Stage{"ttl", strconv.FormatUint(uint64(v.TTL), 10), "no awaited result could change the answer"}
	switch {
	case v.State == pool.Degraded:
		st.Reason = "the record is degraded"
	case v.TTL < rec.TTL:
		st.Reason = "an awaited result may change the answer"
	}
	return st
}
