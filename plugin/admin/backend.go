package admin

import (
	"context"
	"io"
	"log"
	"net/netip"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/event"
	"github.com/coredns-failover/failover/plugin/override"
	"github.com/coredns-failover/failover/plugin/pool"
)

// A Backend is what the API shows and changes.
type Backend struct {
	Version string
	ID      string // of this server
	Started time.Time
	Ready   func() bool
	// Frozen reports whether this server is cut off.
	Frozen func() bool
	// Records returns the records that are served, in the order of the Corefile. The caller
	// may change the list.
	Records func() []Record
	// Named returns those of a name, absolute and lower case, without going through all.
	Named func(name string) []Record
	// Witnesses returns what tells whether this server is cut off.
	Witnesses func() []Witness
	Overrides *override.Set
	Journal   *event.Journal
	// Explain says what a query is answered, and why.
	Explain func(context.Context, Question) (*Explanation, *Problem)
	// Beat takes a beat of a heartbeat in, a failed one if err is not nil. It returns false
	// if no check has such a heartbeat.
	Beat func(name string, err error) bool
	// Release ends the holds of pools of records, and returns false if there are none. An
	// error says that it could not be saved: then it ends none.
	Release func(records []Record, actor string) (bool, error)
	// Warn logs a warning.
	Warn func(format string, v ...any)
}

// A Record is one that is served.
type Record interface {
	override.Record
	Status() pool.Status
	// Release ends what holds pools back, and returns their names.
	Release(reason string) []string
}

// A Witness is how one is doing.
type Witness struct {
	Target string
	healthcheck.Status
}

// A Question is what explain is asked.
type Question struct {
	Name         string // absolute and lower case
	Type         uint16
	Client       netip.Addr
	Server, View string // "" leaves the choice to the query
	HasView      bool   // View was given
}

// absolute returns a name as records have it: lower case, with the final dot.
func absolute(name string) string { return strings.ToLower(dns.Fqdn(name)) }

// quiet drops what net/http says of clients that break off.
var quiet = log.New(io.Discard, "", 0)
