package state

import (
	"time"

	"github.com/coredns-failover/failover/plugin/event"
	"github.com/coredns-failover/failover/plugin/override"
	"github.com/coredns-failover/failover/plugin/pool"
)

// format is that of the file. One of another is not read.
const format = 1

// Content is what a File holds.
type Content struct {
	Format     int                  `json:"format"`
	Saved      time.Time            `json:"saved"`
	Overrides  []Override           `json:"overrides"`
	Records    []Record             `json:"records"`
	Heartbeats map[string]time.Time `json:"heartbeats"` // when each has beaten last
	Events     []event.Entry        `json:"events"`
}

// An Override is one with the answers that it froze.
type Override struct {
	override.Override
	Frozen []override.Frozen `json:"frozen,omitempty"`
}

// A Record is what is known of one record.
type Record struct {
	pool.Place
	Memory pool.Memory    `json:"memory"`
	Strip  []event.Change `json:"strip"`
}

// Memory returns what is known of a record, and false if that is nothing. Of a file that
// is older than maxAge it has no states of endpoints.
func (c *Content) Memory(at pool.Place, now time.Time, maxAge time.Duration) (pool.Memory, bool) {
	for i := range c.Records {
		if c.Records[i].Place != at {
			continue
		}
		m := c.Records[i].Memory
		if now.Sub(c.Saved) > maxAge {
			m.Endpoints = nil
		}
		return m, true
	}
	return pool.Memory{}, false
}
