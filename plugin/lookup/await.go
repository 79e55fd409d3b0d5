package lookup

import (
	"context"
	"sync/atomic"
)

// A result is what a lookup returned.
type result[T any] struct {
	value T
	err   error
}

// begin calls lookUp on a goroutine of its own, because a plugin may hang and ignore
// its context. While an earlier call with the same busy has not returned, lookUp is
// not called and the result is an error. A panic is an error too.
func begin[T any](busy *atomic.Bool, lookUp func() (T, error)) <-chan result[T] {
	c := make(chan result[T], 1)
	if !busy.CompareAndSwap(false, true) {
		c <- result[T]{err: errHangs}
		return c
	}
	go func() {
		v, err := safely(lookUp)
		busy.Store(false)
		c <- result[T]{v, err}
	}()
	return c
}

func safely[T any](f func() (T, error)) (v T, err error) {
	defer catch(&err)
	return f()
}

// await returns the result that comes on c before ctx ends, else the cause of that
// end. A result that is there counts, although ctx has ended too.
func await[T any](ctx context.Context, c <-chan result[T]) (v T, err error) {
	select {
	case r := <-c:
		return r.value, r.err
	case <-ctx.Done():
	}
	select {
	case r := <-c:
		return r.value, r.err
	default:
		return v, context.Cause(ctx)
	}
}
