package healthcheck

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// The hook is called once per cause, not for every probe and checker, and again when the
// cause comes back after a minute.
func TestCauseIsReportedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLog()
		var mu sync.Mutex
		r := NewRegistry(Hooks{Inconclusive: func(_ Key, cause string) {
			mu.Lock()
			defer mu.Unlock()
			l.add("%s", cause)
		}})
		c := &fake{"fake", func(context.Context, netip.Addr) error {
			switch at := time.Since(l.start); {
			case at < 10*time.Second, at > 20*time.Second && at < 30*time.Second, at > 80*time.Second && at < 90*time.Second:
				return MarkInconclusive(errors.New("no route"))
			case at > 40*time.Second && at < 50*time.Second:
				return MarkInconclusive(errors.New("no descriptor"))
			default:
				return nil
			}
		}}
		a, b := r.Acquire(keyOf(c, addr1), Unknown, ignore), r.Acquire(keyOf(c, addr2), Unknown, ignore)
		time.Sleep(100 * time.Second)
		r.Release(a, b)
		l.want(t, "0s no route", "40.001s no descriptor", "1m20.001s no route")
		if len(r.causes) != 0 {
			t.Errorf("causes are kept of checkers that are gone: %v", r.causes)
		}
	})
}
