package reload

import (
	"context"
	"sync"
)

// Slots let one goroutine per key at a time do what may never end. Others that want
// the same key wait until their context ends. So at most one goroutine hangs per key.
// The zero value works.
type slots[K comparable] struct {
	mu    sync.Mutex // guards the following
	taken map[K]*slot
}

// A slot is taken by whoever puts something into its channel, which has room for one.
type slot struct {
	full  chan struct{}
	users int // who have taken it or wait for it
}

// run takes the slot of key, calls f in a goroutine of its own, and returns what f
// returned as result. If ctx ends before, run returns its error as err; f, if it was
// called, ends alone and keeps the slot until then.
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

// take waits until nobody has the slot of key.
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

// readSlots are the slots of those who read files, by their paths.
var readSlots slots[string]

// Do calls f, which reads the files that key stands for, in a goroutine of its own.
// Only one such f runs at a time for a key. result is what f returned. If ctx ends
// first, err is its error, and f ends alone.
func Do(ctx context.Context, key string, f func() error) (result, err error) {
	return readSlots.run(ctx, key, f)
}
