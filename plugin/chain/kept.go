package chain

import (
	"context"
	"sync"
	"time"

	"github.com/coredns-failover/failover/plugin/pool"
)

// afterFailure is for how long a name is not looked up again that could not be.
const afterFailure = time.Second

// Kept keeps what was said of names for its TTL, with one lookup at a time for
// each: whoever else wants to know waits for that. The zero value is empty.
type Kept struct {
	mu sync.Mutex // guards the following
	of map[question]*answered
}

type question struct {
	name  string
	qtype uint16
}

// An answered question.
type answered struct {
	done  chan struct{} // closed once the following are set
	reply *pool.Reply
	err   error
	until time.Time
}

// Get returns what is kept of a name, or asks.
func (k *Kept) Get(ctx context.Context, name string, qtype uint16, ask func() (*pool.Reply, error)) (*pool.Reply, error) {
	a, mine := k.take(question{name, qtype})
	if mine {
		a.ask(ask)
	}
	select {
	case <-a.done:
		return a.reply, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// take returns the answer to a question, and whether the caller has to find it.
func (k *Kept) take(q question) (a *answered, mine bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if a := k.of[q]; a != nil && a.holds(time.Now()) {
		return a, false
	}
	if k.of == nil {
		k.of = make(map[question]*answered)
	}
	k.makeRoomLocked()
	a = &answered{done: make(chan struct{})}
	k.of[q] = a
	return a, true
}

// holds reports whether an answer still holds, or is still being asked for.
func (a *answered) holds(now time.Time) bool {
	select {
	case <-a.done:
		return now.Before(a.until)
	default:
		return true
	}
}

// makeRoomLocked drops questions when there are too many, whichever come first:
// those about names that have addresses are kept elsewhere as well.
func (k *Kept) makeRoomLocked() {
	for q := range k.of {
		if len(k.of) < 2*maxNames {
			return
		}
		delete(k.of, q)
	}
}

// ask finds the answer, also if the plugin that is asked panics, which is for the
// server to recover.
func (a *answered) ask(ask func() (*pool.Reply, error)) {
	a.err = errNobody
	defer func() {
		a.until = time.Now().Add(afterFailure)
		if a.err == nil {
			a.until = a.reply.At.Add(a.reply.TTL)
		}
		close(a.done)
	}()
	a.reply, a.err = ask()
}
