package override

import (
	"slices"
	"time"

	"github.com/coredns-failover/failover/plugin/pool"
)

// An Override is the operator's word about one target.
type Override struct {
	ID string `json:"id"`
	Target
	Action  pool.Action `json:"action"`
	Reason  string      `json:"reason"`
	Author  string      `json:"author"`
	Actor   string      `json:"actor"` // who was let in
	Created time.Time   `json:"created"`
	Expires *time.Time  `json:"expires"` // nil is never
	Local   bool        `json:"local"`   // it holds at this server alone, until the group can be asked

	// Frozen is what each record answered when a freeze was set.
	Frozen []Frozen `json:"-"`
}

// A Frozen is what one record goes on answering.
type Frozen struct {
	pool.Place
	Answers *pool.Frozen
}

// A Target says what an override is about: a record, a pool of it, an endpoint of that
// pool, or an address wherever it stands.
type Target struct {
	Record   string `json:"record"`   // absolute and lower case
	Pool     string `json:"pool"`     // for pool.Use the one that answers
	Endpoint string `json:"endpoint"` // the name of an endpoint of the pool
	Address  string `json:"address"`  // in place of a record
	Server   string `json:"server"`   // "" is all server blocks that have the record
	View     string `json:"view"`     // "" is all of their views
}

// in reports whether the target, which is not an address, is in a record.
func (t *Target) in(at pool.Place) bool {
	return t.Record == at.Record && (t.Server == "" || t.Server == at.Server) && (t.View == "" || t.View == at.View)
}

// key is the same for overrides that replace each other.
func (o *Override) key() Target {
	t := o.Target
	if o.Action == pool.Use {
		t.Pool = ""
	}
	return t
}

// ended reports whether it has expired.
func (o *Override) ended(now time.Time) bool { return o.Expires != nil && !now.Before(*o.Expires) }

// Concerns reports whether the override is about a record that has these addresses, or
// about a part of it.
func (o *Override) Concerns(at pool.Place, addresses []string) bool {
	if o.Address != "" {
		return slices.Contains(addresses, o.Address)
	}
	return o.in(at)
}
