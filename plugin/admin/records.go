package admin

import (
	"bufio"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/pool"
)

// A RecordView is a record as the API shows it.
type RecordView struct {
	Name      string     `json:"name"`
	Server    string     `json:"server"`
	View      string     `json:"view"` // "" outside views
	State     pool.State `json:"state"`
	Pool      string     `json:"pool"` // that is active, or none
	Since     time.Time  `json:"since"`
	Reason    string     `json:"reason"`
	TTL       uint32     `json:"ttl"`
	Held      *Held      `json:"held"`
	Pools     []PoolView `json:"pools"`
	Overrides []string   `json:"overrides"` // their IDs
}

// Held is the pool that is held back.
type Held struct {
	Pool   string     `json:"pool"`
	Policy string     `json:"policy"` // auto, after or manual
	Until  *time.Time `json:"until"`  // nil while that is not known
}

// A PoolView is a pool as the API shows it.
type PoolView struct {
	Name      string         `json:"name"`
	Rank      int            `json:"rank"` // 1 is the best
	State     string         `json:"state"`
	Healthy   int            `json:"healthy"`
	Needed    int            `json:"needed"`
	Active    bool           `json:"active"`
	Endpoints []EndpointView `json:"endpoints"`
}

// An EndpointView is an endpoint as the API shows it.
type EndpointView struct {
	Name     string      `json:"name"`
	Address  string      `json:"address"`
	Target   string      `json:"target,omitempty"`
	Weight   int         `json:"weight"`
	State    string      `json:"state"`  // up, down, unknown or disabled: what decides
	Probed   string      `json:"probed"` // what the probes say
	Served   bool        `json:"served"`
	Since    time.Time   `json:"since"`
	Reason   string      `json:"reason"`
	Override *string     `json:"override"`
	Checks   []CheckView `json:"checks"`
}

// A CheckView is a check as the API shows it.
type CheckView struct {
	Check     string     `json:"check"`
	State     string     `json:"state"`
	Since     time.Time  `json:"since"`
	Streak    int        `json:"streak"`
	Needed    int        `json:"needed"`
	Last      *LastView  `json:"last"` // nil before the first probe has ended
	Observers []observer `json:"observers"`
}

// A LastView is the last probe of a check.
type LastView struct {
	Time         time.Time `json:"time"`
	Result       string    `json:"result"` // pass, fail or unknown
	Reason       string    `json:"reason"`
	Milliseconds float64   `json:"milliseconds"`
}

// An observer is a server that probes.
type observer struct {
	ID     string    `json:"id"`
	State  string    `json:"state"`
	Since  time.Time `json:"since"`
	Reason string    `json:"reason"`
}

// disabled is the state of an endpoint that is neither probed nor served.
const disabled = "disabled"

// view returns a record as the API shows it.
func (b *Backend) view(r Record, ids *overrideIndex) RecordView {
	s, cfg, at := r.Status(), r.Config(), r.Place()
	v := RecordView{
		Name: at.Record, Server: at.Server, View: at.View, State: s.View.State, Pool: poolName(cfg, s.View.Pool),
		Since: s.Since.UTC(), Reason: s.Reason, TTL: s.View.TTL, Overrides: []string{}, Pools: make([]PoolView, len(s.Pools)),
	}
	if s.Held != nil {
		v.Held = heldView(cfg, s.Held)
	}
	for p := range s.Pools {
		v.Pools[p] = b.poolView(cfg, &s, p)
	}
	v.Overrides = append(v.Overrides, ids.of(at, &s)...)
	return v
}

func poolName(cfg *pool.Record, p int) string {
	if p == pool.None {
		return pool.NoneName
	}
	return cfg.Pools[p].Name
}

func heldView(cfg *pool.Record, h *pool.Hold) *Held {
	v := &Held{Pool: poolName(cfg, h.Pool), Policy: "manual"}
	if cfg.Failback.After > 0 {
		v.Policy = "after"
	}
	if !h.Until.IsZero() {
		until := h.Until.UTC()
		v.Until = &until
	}
	return v
}

func (b *Backend) poolView(cfg *pool.Record, s *pool.Status, p int) PoolView {
	ps := &s.Pools[p]
	v := PoolView{
		Name: cfg.Pools[p].Name, Rank: ps.Rank + 1, State: healthcheck.Down.String(), Healthy: ps.Healthy, Needed: ps.Needed,
		Active: p == s.View.Pool, Endpoints: make([]EndpointView, len(ps.Endpoints)),
	}
	if ps.Up {
		v.State = healthcheck.Up.String()
	}
	for i := range ps.Endpoints {
		v.Endpoints[i] = b.endpointView(&ps.Endpoints[i])
	}
	return v
}

func (b *Backend) endpointView(e *pool.EndpointStatus) EndpointView {
	v := EndpointView{
		Name: e.Name, Target: e.Target, Weight: e.Weight, State: e.State.String(), Probed: e.Probed.String(),
		Served: e.Served, Since: e.Since.UTC(), Reason: e.Reason, Checks: make([]CheckView, len(e.Checks)),
	}
	if e.Addr.IsValid() {
		v.Address = e.Addr.String()
	}
	if e.Disabled {
		v.State = disabled
	}
	if e.Override != "" {
		v.Override = &e.Override
	}
	for i := range e.Checks {
		v.Checks[i] = b.checkView(&e.Checks[i])
	}
	return v
}

func (b *Backend) checkView(c *pool.CheckStatus) CheckView {
	v := CheckView{
		Check: c.Text, State: c.State.String(), Since: c.Since.UTC(), Streak: c.Streak, Needed: c.Needed,
		Observers: []observer{{ID: b.ID, State: c.State.String(), Since: c.Since.UTC(), Reason: c.Last.Reason}},
	}
	if !c.Last.Time.IsZero() {
		v.Last = &LastView{
			Time: c.Last.Time.UTC(), Result: c.Last.Result.String(), Reason: c.Last.Reason,
			Milliseconds: float64(c.Last.Took.Microseconds()) / 1000,
		}
	}
	return v
}

// listRecords streams the records: there may be tens of thousands.
func listRecords(c *call) *Problem {
	state, zone := c.r.URL.Query().Get("state"), c.r.URL.Query().Get("zone")
	states := []pool.State{"", pool.OK, pool.FailedOver, pool.Degraded}
	if !slices.Contains(states, pool.State(state)) {
		return ofField("state", "expected ok, failed_over or degraded")
	}
	if _, ok := dns.IsDomainName(zone); zone != "" && !ok {
		return ofField("zone", "expected a name")
	}
	zone = absolute(zone)
	return c.stream(slices.DeleteFunc(c.backend.Records(), func(r Record) bool {
		return state != "" && string(r.View().State) != state || zone != "." && !dns.IsSubDomain(zone, r.Place().Record)
	}))
}

func getRecord(c *call) *Problem {
	name := c.name()
	records := c.backend.Named(name)
	if len(records) == 0 {
		return problem(http.StatusNotFound, "there is no record %s", name)
	}
	return c.stream(records)
}

// stream answers with records.
func (c *call) stream(records []Record) *Problem {
	c.w.Header().Set("Content-Type", "application/json")
	w := bufio.NewWriterSize(c.w, 32<<10)
	w.WriteString(`{"records":[`)
	e, comma := json.NewEncoder(w), ""
	ids := newOverrideIndex(c.backend.Overrides.List())
	for _, r := range records {
		w.WriteString(comma)
		if e.Encode(c.backend.view(r, ids)) != nil {
			return nil // the client is gone
		}
		comma = ","
	}
	w.WriteString("]}\n")
	w.Flush()
	return nil
}

// release ends the hold of a record now.
func release(c *call) *Problem {
	if p := c.decode(&struct{}{}); p != nil {
		return p
	}
	name := c.name()
	records := c.backend.Named(name)
	if len(records) == 0 {
		return problem(http.StatusNotFound, "there is no record %s", name)
	}
	released, err := c.backend.Release(records, c.caller.actor)
	if err != nil {
		return problem(http.StatusServiceUnavailable, "it could not be saved: %v", err)
	}
	if !released {
		return problem(http.StatusConflict, "no pool of %s is held back", strings.TrimSuffix(name, "."))
	}
	return c.stream(records)
}
