package test

import (
	"testing"
	"time"
)

// patience is how long eventually waits. Tests that pass take less, even on a busy
// machine.
const patience = 2 * time.Minute

// eventually waits until is returns true. what names the condition in a failure.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %s", what, patience)
		}
	}
}

// becomes waits until get returns want.
func becomes(t *testing.T, what, want string, get func() string) {
	t.Helper()
	var got string
	deadline := time.Now().Add(patience)
	for {
		if got = get(); got == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: got %q, want %q within %s", what, got, want, patience)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// always calls check repeatedly, and at least once, until stop is called or the test has
// failed. check reports failures with t.Errorf.
func always(t *testing.T, check func()) (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for !t.Failed() {
			check()
			select {
			case <-quit:
				return
			case <-time.After(time.Millisecond): // other tests need the processor too
			}
		}
	}()
	return func() {
		close(quit)
		<-done
	}
}
