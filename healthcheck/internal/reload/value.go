package reload

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

// A Value is made from files, and made again when one of them has changed. If they cannot be
// read, or load returns an error, the last good value stays.
//
// A read from a file system that hangs cannot be cancelled. So a goroutine of its own reads
// the files (see Do).
type Value[T any] struct {
	paths []string
	load  func(paths []string) (T, error)

	mu    sync.Mutex // guards the following
	value T
	good  bool          // value is set
	seen  []os.FileInfo // of the files that value was made from; nil to load them again
}

// New returns a Value that load makes from the files at paths, at the first Get or Current.
func New[T any](load func(paths []string) (T, error), paths ...string) *Value[T] {
	return &Value[T]{paths: paths, load: load}
}

// StaleWait is how long Get waits for the files if there is a good value.
const StaleWait = 100 * time.Millisecond

// Get returns the current value, or the last good one. The error is not nil only if there
// was never a good value.
func (v *Value[T]) Get(ctx context.Context) (T, error) {
	v.mu.Lock()
	value, good := v.value, v.good
	v.mu.Unlock()
	if !good {
		return v.Current(ctx)
	}
	wait := StaleWait
	if deadline, ok := ctx.Deadline(); ok {
		wait = min(wait, time.Until(deadline)/2)
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	if now, err := v.Current(ctx); err == nil {
		return now, nil
	}
	return value, nil
}

// Current returns the value that the files have now, or an error.
func (v *Value[T]) Current(ctx context.Context) (T, error) {
	var none T
	done, err := Do(ctx, strings.Join(v.paths, "\x00"), v.refresh)
	if err != nil {
		return none, fmt.Errorf("reading %s: %w", v.paths[0], context.Cause(ctx))
	}
	if done != nil {
		return none, done
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.value, nil
}

// refresh loads the files if they have changed. Do makes sure that it runs once at a time.
func (v *Value[T]) refresh() error {
	now, err := v.stat()
	if err == nil && !v.unchanged(now) {
		err = v.reload(now)
	}
	return err
}

// stat follows links: a Kubernetes volume is updated by replacing one.
func (v *Value[T]) stat() ([]os.FileInfo, error) {
	infos := make([]os.FileInfo, len(v.paths))
	for i, path := range v.paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		infos[i] = info
	}
	return infos, nil
}

func (v *Value[T]) unchanged(now []os.FileInfo) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.seen == nil {
		return false
	}
	for i, was := range v.seen {
		is := now[i]
		if !os.SameFile(was, is) || was.Size() != is.Size() || !was.ModTime().Equal(is.ModTime()) {
			return false
		}
	}
	return true
}

func (v *Value[T]) reload(now []os.FileInfo) error {
	value, err := v.load(v.paths)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.seen = nil
	if err != nil {
		return err
	}
	v.value, v.good = value, true
	if MtimeTrusted(now) {
		v.seen = now
	}
	return nil
}

// clockStep is the time between two writes after which all file systems show different
// times. (FAT has a resolution of 2 s.)
const clockStep = 2 * time.Second

// MtimeTrusted reports whether the files are so old that another write would change their
// times.
func MtimeTrusted(infos []os.FileInfo) bool {
	for _, info := range infos {
		if time.Since(info.ModTime()) < clockStep {
			return false
		}
	}
	return true
}
