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
	Heartbeats map[string]Heartbeat `json:"heartbeats"` // by name
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

// A Heartbeat is the last beat of one.
type Heartbeat struct {
	Time    time.Time `json:"time"`
	Failure string    `json:"failure,omitempty"` // why it was a failed one
}
