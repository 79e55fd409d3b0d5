package healthcheck

import (
	"os"
	"sync"
	"time"
)

// A fromFiles is a value that is made from files, and made anew when one of
// them has changed. While they cannot be read, or nothing can be made of them,
// the last good value stays.
type fromFiles[T any] struct {
	paths []string
	load  func(paths []string) (T, error)

	mu    sync.Mutex // guards the following
	value T
	good  bool          // there is a value
	seen  []os.FileInfo // of the files before value was made; nil to make it anew
}

// get returns the value, and an error only if there has never been one.
func (f *fromFiles[T]) get() (T, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	err := f.refreshLocked()
	if f.good {
		return f.value, nil
	}
	return f.value, err
}

// current returns the value of what the files hold now, or an error.
func (f *fromFiles[T]) current() (T, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	err := f.refreshLocked()
	return f.value, err
}

func (f *fromFiles[T]) refreshLocked() error {
	now, err := f.stat()
	if err == nil && !f.unchangedLocked(now) {
		err = f.reloadLocked(now)
	}
	return err
}

// stat follows links, and so notices the swap of one that a Kubernetes volume
// is updated with.
func (f *fromFiles[T]) stat() ([]os.FileInfo, error) {
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

func (f *fromFiles[T]) unchangedLocked(now []os.FileInfo) bool {
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

func (f *fromFiles[T]) reloadLocked(now []os.FileInfo) error {
	f.seen = nil
	value, err := f.load(f.paths)
	if err != nil {
		return err
	}
	f.value, f.good = value, true
	if settled(now) {
		f.seen = now
	}
	return nil
}

// clockStep is how far apart two writes have to be for certain for a file
// system to note different times.
const clockStep = 2 * time.Second

// settled reports whether the times of the files are so long past that another
// write would change them.
func settled(infos []os.FileInfo) bool {
	for _, info := range infos {
		if time.Since(info.ModTime()) < clockStep {
			return false
		}
	}
	return true
}
