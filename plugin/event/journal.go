package event

import (
	"slices"
	"sync"
	"time"

	"github.com/coredns-failover/failover/plugin/pool"
)

// An Entry is an event as people and programs read it later: a line of the [Journal].
// Fields that its kind does not have are empty.
type Entry struct {
	ID       uint64    `json:"id"` // rising from 1, over a reload and, with a state file, over a restart
	Time     time.Time `json:"time"`
	Kind     string    `json:"kind"` // one of the Kind constants of entries
	Record   string    `json:"record"`
	Server   string    `json:"server"`
	View     string    `json:"view"`
	Pool     string    `json:"pool"`
	Endpoint string    `json:"endpoint"`
	From     string    `json:"from"`
	To       string    `json:"to"`
	Reason   string    `json:"reason"`
	Actor    string    `json:"actor"` // who did it, for what an operator did
}

// Kept is how many entries a Journal keeps.
const Kept = 1000

// A Journal keeps the last entries, for readers that come later or wait for the next
// one. Its methods may be called by many goroutines at a time.
type Journal struct {
	mu      sync.Mutex // guards the following
	last    uint64     // the ID of the newest entry
	entries []Entry    // the oldest first; of more than Kept, the first do not count
	grown   chan struct{}
	strips  map[pool.Place]*strip
}

// NewJournal returns an empty Journal.
func NewJournal() *Journal {
	return &Journal{grown: make(chan struct{}), strips: make(map[pool.Place]*strip)}
}

// Tell is the [Subscriber] that adds what happened. It does not block.
func (j *Journal) Tell(e Event) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.noteLocked(e)
	if entry, ok := entryOf(e); ok {
		j.addLocked(entry)
	}
}

func (j *Journal) addLocked(e Entry) {
	j.last++
	e.ID, e.Time = j.last, e.Time.UTC()
	j.entries = append(j.entries, e)
	if len(j.entries) >= 2*Kept { // seldom, as it copies all
		j.entries = slices.Clone(j.keptLocked())
	}
	close(j.grown)
	j.grown = make(chan struct{})
}

func (j *Journal) keptLocked() []Entry { return j.entries[max(0, len(j.entries)-Kept):] }

// Restore puts entries of an earlier process, the oldest first, before all others. It
// is called before anything is told.
func (j *Journal) Restore(entries []Entry, strips map[pool.Place][]Change) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range entries {
		if e.ID > j.last {
			j.last = e.ID
			j.entries = append(j.entries, e)
		}
	}
	for place, changes := range strips {
		j.strips[place] = &strip{changes: changes}
	}
}

// A Query says which entries are wanted.
type Query struct {
	Record string // of this record alone, absolute and lower case; "" is any
	After  uint64 // with a higher ID alone
	// Limit is how many at most, 0 is no limit: the oldest of those after After if that
	// is set (HasAfter), else the newest.
	Limit    int
	HasAfter bool
}

// Entries returns the entries that q wants, the oldest first.
func (j *Journal) Entries(q Query) []Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	found := j.afterLocked(q)
	switch {
	case q.Limit <= 0 || len(found) <= q.Limit:
		return found
	case q.HasAfter:
		return found[:q.Limit]
	}
	return found[len(found)-q.Limit:]
}

func (j *Journal) afterLocked(q Query) []Entry {
	found := []Entry{}
	for _, e := range j.keptLocked() {
		if (!q.HasAfter || e.ID > q.After) && (q.Record == "" || q.Record == e.Record) {
			found = append(found, e)
		}
	}
	return found
}

// Last returns the ID of the newest entry, or 0, and a channel that is closed when
// there is a newer one.
func (j *Journal) Last() (id uint64, grown <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.last, j.grown
}
