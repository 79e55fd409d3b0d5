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
	rest  atomic.Int64 // until when no write begins by itself, in Unix nanoseconds

	mu     sync.Mutex // held while the file is written; guards the following
	closed bool
}

// Hooks are what a File is used by.
type Hooks struct {
	// Collect returns what is to be kept.
	Collect func() Content
	// Written is told of every write, with the error if it failed.
	Written func(error)
}

// Pauses between two writes that nobody waits for: a second, and so much longer than a
// write takes that a slow disk or much content does not keep a CPU busy.
const (
	pause  = time.Second
	slower = 20
)

// Open locks the file at path for this process and returns it with what it holds: nil if
// it is not there yet, or cannot be read. Then it is renamed to FILE.bad, and bad says why.
func Open(path string, clock *timer.Clock, h Hooks) (f *File, held *Content, bad, err error) {
	lock, err := lockFile(path + ".lock")
	if err != nil {
		return nil, nil, nil, fmt.Errorf("state %s: %w", path, err)
	}
	if err := tryDirectory(filepath.Dir(path)); err != nil {
		lock.Close()
		return nil, nil, nil, fmt.Errorf("state %s: %w", path, err)
	}
	f = &File{path: path, lock: lock, hooks: h, clock: clock}
	f.timer = clock.New(func() { f.Save() })
	if held, bad = read(path); bad != nil {
		bad = errors.Join(bad, os.Rename(path, path+".bad"))
	}
	return f, held, bad, nil
}

// tryDirectory returns an error if no file can be made in a directory.
func tryDirectory(dir string) error {
	t, err := os.CreateTemp(dir, temporary)
	if err != nil {
		return err
	}
	t.Close()
	return os.Remove(t.Name())
}

// temporary is the pattern of the names of files that are being written.
const temporary = ".failover-*"

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

// Changed has the file written soon. It does not block.
func (f *File) Changed() { f.timer.NoLaterThan(time.Unix(0, f.rest.Load())) }

// Save writes the file now. An error says that it is not on disk.
func (f *File) Save() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return fs.ErrClosed
	}
	began := f.clock.Now()
	c := f.hooks.Collect()
	c.Format, c.Saved = format, began.UTC()
	text, err := json.Marshal(&c)
	if err == nil {
		err = replace(f.path, text)
	}
	now := f.clock.Now()
	f.rest.Store(now.Add(max(pause, slower*now.Sub(began))).UnixNano())
	f.hooks.Written(err)
	return err
}

// replace puts a file with this content into the place of the one at path. It is on disk
// when replace returns.
func replace(path string, text []byte) error {
	dir := filepath.Dir(path)
	t, err := os.CreateTemp(dir, temporary) // mode 0600
	if err != nil {
		return err
	}
	_, err = t.Write(text)
	err = errors.Join(err, t.Sync(), t.Close())
	if err == nil {
		err = os.Rename(t.Name(), path)
	}
	if err != nil {
		os.Remove(t.Name())
		return err
	}
	return syncDirectory(dir)
}

func syncDirectory(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Close writes the file for the last time and gives its lock back.
func (f *File) Close() error {
	f.timer.Stop()
	f.timer.Wait()
	err := f.Save()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	return errors.Join(err, f.lock.Close())
}
