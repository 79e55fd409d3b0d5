package event

import (
	"maps"
	"slices"
	"time"

	"github.com/coredns-failover/failover/plugin/pool"
)

// A Change is one of what a record answers.
type Change struct {
	Time  time.Time  `json:"time"`
	State pool.State `json:"state"`
	Pool  string     `json:"pool"` // or pool.NoneName
}

// What a Journal keeps of each record for its strip.
const (
	stripLength = 24 * time.Hour
	stripMost   = 200
)

// A strip is the last changes of a record, the oldest first. The first of them may be
// older than stripLength: it says what was answered at its beginning.
type strip struct{ changes []Change }

// noteLocked keeps what e tells of a record for its strip.
func (j *Journal) noteLocked(e Event) {
	if e.Kind != PoolChanged && e.Kind != StateChanged {
		return
	}
	c := Change{Time: e.Time.UTC(), State: e.State, Pool: e.To}
	if e.Kind == StateChanged {
		c.Pool = e.Pool
	}
	at := pool.Place{Record: e.Record, Server: e.Server, View: e.View}
	s := j.strips[at]
	if s == nil {
		s = new(strip)
		j.strips[at] = s
	}
	s.add(c)
}

func (s *strip) add(c Change) {
	if n := len(s.changes); n > 0 {
		switch last := &s.changes[n-1]; {
		case last.State == c.State && last.Pool == c.Pool:
			return
		case last.Time.Equal(c.Time):
			*last = c
			return
		}
	}
	s.changes = append(s.changes, c)
	from := c.Time.Add(-stripLength)
	for len(s.changes) > stripMost || len(s.changes) > 1 && s.changes[1].Time.Before(from) {
		s.changes = s.changes[1:]
	}
}

// Changes returns the last changes of a record, the oldest first: of 24 hours, and
// what was answered at their beginning, but no more than the last 200.
func (j *Journal) Changes(at pool.Place) []Change {
	j.mu.Lock()
	defer j.mu.Unlock()
	if s := j.strips[at]; s != nil {
		return slices.Clone(s.changes)
	}
	return nil
}

// Strips returns the last changes of all records.
func (j *Journal) Strips() map[pool.Place][]Change {
	j.mu.Lock()
	defer j.mu.Unlock()
	all := make(map[pool.Place][]Change, len(j.strips))
	for at, s := range maps.All(j.strips) {
		all[at] = slices.Clone(s.changes)
	}
	return all
}

// Forget drops the strips of records that are not in places.
func (j *Journal) Forget(places map[pool.Place]bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	maps.DeleteFunc(j.strips, func(at pool.Place, _ *strip) bool { return !places[at] })
}
