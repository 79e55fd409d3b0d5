package reload

import (
	"context"
	"sync"
)

// Turns let one goroutine at a time do what may never end, and others that want
// the same wait for it no longer than they like. So one that hangs is the only
// one that does. The zero value works.
type slots[K comparable] struct {
	mu    sync.Mutex // guards the following
	taken map[K]*slot
}

// A turn is taken by who puts something into its channel, which has room for one.
type slot struct {
	full  chan struct{}
	users int // who have taken it or wait for it
}

// run calls f in a goroutine of its own when it is the turn of whoever wants
// what key stands for, and returns what it returned. When ctx ends before, it
// returns the error of ctx instead, and f ends alone.
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

// take waits until nobody has the turn of key.
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

// readSlots are the turns of those who read files, by their paths.
var readSlots slots[string]

// Do calls f, which reads the files that key stands for, in a goroutine of its own
// once nobody else reads them, and returns what it returned. When ctx ends before,
// it returns the error of ctx instead, and f ends alone.
func Do(ctx context.Context, key string, f func() error) (result, err error) {
	return readSlots.run(ctx, key, f)
}
