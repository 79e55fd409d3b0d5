package admin

import (
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/pool"
)

// A statusView is this server in figures.
type statusView struct {
	Version   string        `json:"version"`
	ID        string        `json:"id"`
	Started   time.Time     `json:"started"`
	Ready     bool          `json:"ready"`
	Frozen    bool          `json:"frozen"`
	Records   recordCount   `json:"records"`
	Endpoints endpointCount `json:"endpoints"`
	Overrides int           `json:"overrides"`
	Witnesses []witnessView `json:"witnesses"`
	Store     storeView     `json:"store"`
}

// A recordCount counts records by their state.
type recordCount struct {
	Total      int `json:"total"`
	OK         int `json:"ok"`
	FailedOver int `json:"failed_over"`
	Degraded   int `json:"degraded"`
}

// An endpointCount counts the endpoints of all records by their state.
type endpointCount struct {
	Total    int `json:"total"`
	Up       int `json:"up"`
	Down     int `json:"down"`
	Unknown  int `json:"unknown"`
	Disabled int `json:"disabled"`
}

// A witnessView is a witness as the API shows it.
type witnessView struct {
	Target string    `json:"target"`
	State  string    `json:"state"`
	Since  time.Time `json:"since"`
	Reason string    `json:"reason"`
}

// A storeView is what this server shares with others.
type storeView struct {
	Type    string `json:"type"`  // embedded, or etcd
	State   string `json:"state"` // joined, or detached
	Members int    `json:"members"`
}

func status(c *call) *Problem { return c.answer(c.backend.status()) }

// status returns this server in figures.
func (b *Backend) status() statusView {
	v := statusView{
		Version: b.Version, ID: b.ID, Started: b.Started.UTC(), Ready: b.Ready(), Frozen: b.Frozen(),
		Overrides: len(b.Overrides.List()), Witnesses: []witnessView{},
		Store: storeView{Type: "embedded", State: "joined", Members: 1},
	}
	for _, r := range b.Records() {
		s := r.Status()
		v.Records.add(s.View.State)
		for _, p := range s.Pools {
			for i := range p.Endpoints {
				v.Endpoints.add(&p.Endpoints[i])
			}
		}
	}
	for _, w := range b.Witnesses() {
		v.Witnesses = append(v.Witnesses, witnessView{w.Target, w.State.String(), w.Since.UTC(), w.Last.Reason})
	}
	return v
}

func (n *recordCount) add(s pool.State) {
	n.Total++
	switch s {
	case pool.OK:
		n.OK++
	case pool.FailedOver:
		n.FailedOver++
	case pool.Degraded:
		n.Degraded++
	}
}

func (n *endpointCount) add(e *pool.EndpointStatus) {
	n.Total++
	switch {
	case e.Disabled:
		n.Disabled++
	case e.State == healthcheck.Up:
		n.Up++
	case e.State == healthcheck.Down:
		n.Down++
	default:
		n.Unknown++
	}
}

// health answers while the process lives.
func health(c *call) *Problem {
	return c.answer(healthView{"ok"})
}
