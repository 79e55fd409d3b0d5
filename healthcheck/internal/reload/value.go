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

// Current returns the value of what the files hold now, or an error.
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

// refresh is run by one goroutine at a time.
func (v *Value[T]) refresh() error {
	now, err := v.stat()
	if err == nil && !v.unchanged(now) {
		err = v.reload(now)
	}
	return err
}

// stat follows links, and so notices the swap of one that a Kubernetes volume
// is updated with.
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
