package reload

import (
	"context"
	"sync"
)

// slots run functions that may never end, one at a time for each key, so that at most one
// goroutine per key hangs. The zero value works.
type slots[K comparable] struct {
	mu    sync.Mutex // guards the following
	taken map[K]*slot
}

// A slot is taken by a send on its channel, which has room for one value.
type slot struct {
	full  chan struct{}
	users int // goroutines that have taken it or wait for it
}

// run takes the slot of key and calls f in a goroutine of its own. result is what f
// returned. If ctx ends first, err is its error; f, if it was called, keeps the slot until
// it returns.
func (s *slots[K]) run(ctx context.Context, key K, f func() error) (result, err error) {
	if err := s.take(ctx, key); err != nil {
		return nil, err
	}
	done := make(chan error, 1)
	go func() {
		defer s.leave(key, true)
		done <- f()
	}()
	select {
	case result := <-done:
		return result, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// take waits for the slot of key and takes it.
func (s *slots[K]) take(ctx context.Context, key K) error {
	full := s.join(key)
	select {
	case full <- struct{}{}:
		return nil
	case <-ctx.Done():
		s.leave(key, false)
		return ctx.Err()
	}
}

func (s *slots[K]) join(key K) chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken == nil {
		s.taken = make(map[K]*slot)
	}
	if s.taken[key] == nil {
		s.taken[key] = &slot{full: make(chan struct{}, 1)}
	}
	s.taken[key].users++
	return s.taken[key].full
}

func (s *slots[K]) leave(key K, had bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	its := s.taken[key]
	if had {
		<-its.full
	}
	if its.users--; its.users == 0 {
		delete(s.taken, key)
	}
}

// readSlots are the slots of files, by their paths.
var readSlots slots[string]

// Do calls f, which reads the files of key, in a goroutine of its own. Only one f runs at a
// time for each key. result is what f returned. If ctx ends first, err is its error, and
// nothing waits for f.
func Do(ctx context.Context, key string, f func() error) (result, err error) {
	return readSlots.run(ctx, key, f)
}
