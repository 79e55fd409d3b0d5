package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coredns-failover/failover/healthcheck/timer"
)

// A File is a state file that is open. Its methods may be called by many goroutines.
type File struct {
	path  string
	lock  *os.File
	hooks Hooks
	clock *timer.Clock
	timer *timer.Timer
	put   func(path string, text []byte, commit func() bool) error // replace, but in tests

	turn   chan struct{} // full while the file is written, and for ever once it is closed
	closed atomic.Bool

	mu      sync.Mutex // guards the following
	began   time.Time  // when the write began that goes on; zero if there is none
	rest    time.Time  // until when no write begins by itself
	refresh time.Duration
}

// Hooks are what a File is used by.
type Hooks struct {
	// Collect returns what is to be kept.
	Collect func() Content
	// Written is told of every write, with the error if it failed. Calls may overlap.
	Written func(error)
}

// Pauses between two writes that nobody waits for: a second, and so much longer than it
// takes to collect the content that this keeps no CPU busy, but not for long.
const (
	pause   = time.Second
	slower  = 20
	longest = 5 * time.Second
)

// patience is how long Save waits for the disk.
const patience = 3 * time.Second

var errSlow = fmt.Errorf("the disk has not answered for %s", patience)

// Open locks the file at path for this process. It fails if nothing can be written there.
func Open(path string, clock *timer.Clock, h Hooks) (*File, error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	lock, err := lockFile(path + ".lock")
	if err != nil {
		return nil, err
	}
	if err := tryToWrite(path); err != nil {
		lock.Close()
		return nil, err
	}
	f := &File{path: path, lock: lock, hooks: h, clock: clock, put: replace, turn: make(chan struct{}, 1)}
	f.timer = clock.New(f.saveUnlessResting)
	return f, nil
}

// Load returns what the file holds, or nil if it is not there. If it cannot be read, it is
// renamed to FILE.bad, and the error says why.
func (f *File) Load() (*Content, error) {
	c, err := read(f.path)
	if err != nil {
		err = errors.Join(err, os.Rename(f.path, f.path+".bad"))
	}
	return c, err
}

func read(path string) (*Content, error) {
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	}
	c := new(Content)
	if err := json.Unmarshal(text, c); err != nil {
		return nil, err
	}
	if c.Format != format {
		return nil, fmt.Errorf("expected format %d, and it is %d", format, c.Format)
	}
	return c, nil
}

// Refresh has the file written once in this time though nothing has changed, as it says
// how old it is. 0 is never.
func (f *File) Refresh(every time.Duration) {
	f.mu.Lock()
	f.refresh = every
	f.mu.Unlock()
	f.refreshLater()
}

func (f *File) refreshLater() {
	f.mu.Lock()
	every := f.refresh
	f.mu.Unlock()
	if every > 0 {
		f.timer.NoLaterThan(f.clock.Now().Add(max(every, pause)))
	}
}

// Changed has the file written soon. It does not block.
func (f *File) Changed() { f.timer.NoLaterThan(f.restsUntil()) }

// saveUnlessResting is called by the timer, which may have been set before the last write.
func (f *File) saveUnlessResting() {
	if rest := f.restsUntil(); f.clock.Now().Before(rest) {
		f.timer.NoLaterThan(rest)
	} else {
		f.Save()
	}
}

func (f *File) restsUntil() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.rest
}

// Close gives the lock back, after it has written the file for the last time, if save is set.
func (f *File) Close(save bool) error {
	f.timer.Stop()
	f.timer.Wait()
	var err error
	if save {
		err = f.Save()
	}
	f.closed.Store(true)
	f.takeTurn() // for ever; one who does not get it has left a write that changes nothing
	return errors.Join(err, f.lock.Close())
}
