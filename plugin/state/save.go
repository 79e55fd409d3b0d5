package state

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"
)

// Save writes the file now. An error says that it is not on disk, or that the disk has not
// answered in time. Either way another write follows.
func (f *File) Save() error {
	if f.closed.Load() {
		return fs.ErrClosed
	}
	err := f.save()
	f.hooks.Written(err)
	if err == nil {
		f.refreshLater()
		return nil
	}
	f.restAtLeast(pause)
	f.Changed()
	return err
}

func (f *File) save() error {
	if !f.takeTurn() {
		return errSlow
	}
	text, err := f.collect()
	if err != nil {
		<-f.turn
		return err
	}
	return f.write(text)
}

// takeTurn reports whether the file is the caller's to write. A write that has taken too
// long is not waited for.
func (f *File) takeTurn() bool {
	f.mu.Lock()
	began := f.began
	f.mu.Unlock()
	if !began.IsZero() && time.Since(began) > patience {
		return false
	}
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case f.turn <- struct{}{}:
		return true
	case <-limit.C:
		return false
	}
}

// collect returns what is to be written, and sets until when no other write begins by
// itself.
func (f *File) collect() ([]byte, error) {
	began := f.clock.Now()
	c := f.hooks.Collect()
	c.Format, c.Saved = format, began.UTC()
	text, err := json.Marshal(&c)
	f.restAtLeast(min(max(pause, slower*f.clock.Now().Sub(began)), longest))
	return text, err
}

// restAtLeast lets no write begin by itself for some time.
func (f *File) restAtLeast(d time.Duration) {
	until := f.clock.Now().Add(d)
	f.mu.Lock()
	defer f.mu.Unlock()
	if until.After(f.rest) {
		f.rest = until
	}
}

// write writes text in the turn of the caller, and gives the turn back when it has ended,
// which may be after write has returned. A write that the disk was too slow for changes
// nothing, unless it is being renamed.
func (f *File) write(text []byte) error {
	var fate atomic.Int32
	done := make(chan error, 1)
	f.setBegan(time.Now())
	go func() {
		err := f.put(f.path, text, func() bool { return fate.CompareAndSwap(running, committed) })
		f.setBegan(time.Time{})
		<-f.turn
		done <- err
	}()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case err := <-done:
		return err
	case <-limit.C:
		fate.CompareAndSwap(running, abandoned)
		return errSlow
	}
}

func (f *File) setBegan(at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.began = at
}

// The fates of a write: one that was abandoned while it was running changes nothing.
const (
	running int32 = iota
	committed
	abandoned
)

var errAbandoned = errors.New("abandoned")

// replace puts a file with this content into the place of the one at path, if commit is
// true once it has been written. It is on disk when replace returns.
func replace(path string, text []byte, commit func() bool) error {
	err := create(path+temporary, text)
	if err == nil && !commit() {
		err = errAbandoned
	}
	if err == nil {
		err = os.Rename(path+temporary, path)
	}
	if err != nil {
		os.Remove(path + temporary)
		return err
	}
	return syncDirectory(filepath.Dir(path))
}

// temporary ends the name of a file that is being written. There is one, as the file is
// locked.
const temporary = ".new"

// create makes a file with this content, which is on disk when create returns.
func create(path string, text []byte) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err // of a process that was killed
	}
	t, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = t.Write(text)
	return errors.Join(err, t.Sync(), t.Close())
}

// tryToWrite returns an error if no file can be made beside path.
func tryToWrite(path string) error {
	if err := create(path+temporary, nil); err != nil {
		return err
	}
	return os.Remove(path + temporary)
}
