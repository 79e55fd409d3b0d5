package reload

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

// A Value is made from files, and made anew when one of
// them has changed. While they cannot be read, or nothing can be made of them,
// the last good value stays.
//
// Nothing can end a read of a file system that hangs. So files are read by a
// goroutine that nobody has to wait for, and by one at a time, whoever else
// wants the same files.
type Value[T any] struct {
	paths []string
	load  func(paths []string) (T, error)

	mu    sync.Mutex // guards the following
	value T
	good  bool          // there is a value
	seen  []os.FileInfo // of the files before value was made; nil to make it anew
}

// New returns the Value that load makes of the files at paths. They are read when it
// is first wanted.
func New[T any](load func(paths []string) (T, error), paths ...string) *Value[T] {
	return &Value[T]{paths: paths, load: load}
}

// StaleWait is how long a good value waits for a better one.
const StaleWait = 100 * time.Millisecond

// Get returns the value, and an error only if there has never been one.
func (f *Value[T]) Get(ctx context.Context) (T, error) {
	f.mu.Lock()
	value, good := f.value, f.good
	f.mu.Unlock()
	if !good {
		return f.Current(ctx)
	}
	wait := StaleWait
	if deadline, ok := ctx.Deadline(); ok {
		wait = min(wait, time.Until(deadline)/2)
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	if now, err := f.Current(ctx); err == nil {
		return now, nil
	}
	return value, nil
}

// Current returns the value of what the files hold now, or an error.
func (f *Value[T]) Current(ctx context.Context) (T, error) {
	var none T
	done, err := Do(ctx, strings.Join(f.paths, "\x00"), f.refresh)
	if err != nil {
		return none, fmt.Errorf("reading %s: %w", f.paths[0], context.Cause(ctx))
	}
	if done != nil {
		return none, done
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.value, nil
}

// refresh is run by one goroutine at a time.
func (f *Value[T]) refresh() error {
	now, err := f.stat()
	if err == nil && !f.unchanged(now) {
		err = f.reload(now)
	}
	return err
}

// stat follows links, and so notices the swap of one that a Kubernetes volume
// is updated with.
func (f *Value[T]) stat() ([]os.FileInfo, error) {
	infos := make([]os.FileInfo, len(f.paths))
	for i, path := range f.paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		infos[i] = info
	}
	return infos, nil
}

func (f *Value[T]) unchanged(now []os.FileInfo) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.seen == nil {
		return false
	}
	for i, was := range f.seen {
		is := now[i]
		if !os.SameFile(was, is) || was.Size() != is.Size() || !was.ModTime().Equal(is.ModTime()) {
			return false
		}
	}
	return true
}

func (f *Value[T]) reload(now []os.FileInfo) error {
	value, err := f.load(f.paths)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen = nil
	if err != nil {
		return err
	}
	f.value, f.good = value, true
	if MtimeTrusted(now) {
		f.seen = now
	}
	return nil
}

// clockStep is how far apart two writes have to be for certain for a file
// system to note different times.
const clockStep = 2 * time.Second

// MtimeTrusted reports whether the times of the files are so long past that another
// write would change them.
func MtimeTrusted(infos []os.FileInfo) bool {
	for _, info := range infos {
		if time.Since(info.ModTime()) < clockStep {
			return false
		}
	}
	return true
}
