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
func (t *slots[K]) run(ctx context.Context, key K, f func() error) (result, err error) {
	if err := t.take(ctx, key); err != nil {
		return nil, err
	}
	done := make(chan error, 1)
	go func() {
		defer t.leave(key, true)
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
func (t *slots[K]) take(ctx context.Context, key K) error {
	full := t.join(key)
	select {
	case full <- struct{}{}:
		return nil
	case <-ctx.Done():
		t.leave(key, false)
		return ctx.Err()
	}
}

func (t *slots[K]) join(key K) chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.taken == nil {
		t.taken = make(map[K]*slot)
	}
	if t.taken[key] == nil {
		t.taken[key] = &slot{full: make(chan struct{}, 1)}
	}
	t.taken[key].users++
	return t.taken[key].full
}

func (t *slots[K]) leave(key K, had bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	its := t.taken[key]
	if had {
		<-its.full
	}
	if its.users--; its.users == 0 {
		delete(t.taken, key)
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
