package lookup

import "context"

// receive returns what comes on c before ctx has ended, and false if nothing does.
// What has come by then counts, although ctx has ended too.
func receive[T any](ctx context.Context, c <-chan T) (v T, ok bool) {
	select {
	case v = <-c:
		return v, true
	case <-ctx.Done():
	}
	select {
	case v = <-c:
		return v, true
	default:
		return v, false
	}
}
