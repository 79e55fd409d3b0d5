package probe

import (
	"maps"
	"sync"
	"time"
)

// beats are the last ones of the process, by the names of heartbeats. A reload does not
// end them.
var beats struct {
	mu   sync.Mutex // guards the following
	last map[string]beat
}

// A beat is the last one of a heartbeat.
type beat struct {
	at  time.Time
	err error // why it was a failed one, or nil
}

// Beat takes in that a heartbeat has beaten at a time, or with an error that what beats is
// not well. The next probes of its checks see it.
func Beat(name string, at time.Time, err error) {
	beats.mu.Lock()
	defer beats.mu.Unlock()
	if beats.last == nil {
		beats.last = make(map[string]beat)
	}
	beats.last[name] = beat{at, err}
}

// lastBeat returns the last beat of a heartbeat: its time is zero if there was none.
func lastBeat(name string) beat {
	beats.mu.Lock()
	defer beats.mu.Unlock()
	return beats.last[name]
}

// Beats returns when each heartbeat has beaten last.
func Beats() map[string]time.Time {
	beats.mu.Lock()
	defer beats.mu.Unlock()
	at := make(map[string]time.Time, len(beats.last))
	for name, b := range maps.All(beats.last) {
		at[name] = b.at
	}
	return at
}
