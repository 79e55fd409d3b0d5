package probe

import (
	"maps"
	"sync"
	"time"
)

// beats are the last ones of the process, by the names of heartbeats. A reload does not
// end them.
var beats struct {
	mu     sync.Mutex // guards the following
	last   map[string]Beat
	lapsed map[string]bool // a probe has found the last one too old
}

// A Beat is the last one of a heartbeat.
type Beat struct {
	Time    time.Time
	Failure string // why it was a failed one, or ""
}

// SetBeat takes in the last beat of a heartbeat. It reports whether the next probe finds
// another result because of it.
func SetBeat(name string, b Beat) (news bool) {
	beats.mu.Lock()
	defer beats.mu.Unlock()
	if beats.last == nil {
		beats.last, beats.lapsed = make(map[string]Beat), make(map[string]bool)
	}
	was, ok := beats.last[name]
	news = !ok || beats.lapsed[name] || (was.Failure == "") != (b.Failure == "")
	beats.last[name] = b
	delete(beats.lapsed, name)
	return news
}

// lapse notes that a probe has found a beat too old.
func lapse(name string, b Beat) {
	beats.mu.Lock()
	defer beats.mu.Unlock()
	if last, ok := beats.last[name]; ok && last == b {
		beats.lapsed[name] = true
	}
}

// lastBeat returns the last beat of a heartbeat: its time is zero if there was none.
func lastBeat(name string) Beat {
	beats.mu.Lock()
	defer beats.mu.Unlock()
	return beats.last[name]
}

// Beats returns the last beat of each heartbeat that has beaten.
func Beats() map[string]Beat {
	beats.mu.Lock()
	defer beats.mu.Unlock()
	return maps.Clone(beats.last)
}
