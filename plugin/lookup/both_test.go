package lookup

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"
)

// A family that hangs or panics does not affect the other.
func TestBoth(t *testing.T) {
	replies := map[uint16]*dns.Msg{dns.TypeA: new(dns.Msg), dns.TypeAAAA: new(dns.Msg)}
	for name, tc := range map[string]struct {
		fails uint16 // the type without an answer
		how   func()
		took  time.Duration
	}{
		"both":  {how: func() {}},
		"hangs": {dns.TypeA, func() { time.Sleep(time.Minute) }, clientWait},
		"panic": {dns.TypeAAAA, func() { panic("test") }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				v4, v6 := Both(t.Context(), func(_ context.Context, qtype uint16) *dns.Msg {
					if qtype == tc.fails {
						tc.how()
					}
					return replies[qtype]
				})
				if took := time.Since(start); took != tc.took {
					t.Errorf("took %s, want %s", took, tc.took)
				}
				time.Sleep(time.Minute) // until what hangs has ended
				for qtype, got := range map[uint16]*dns.Msg{dns.TypeA: v4, dns.TypeAAAA: v6} {
					if (got == nil) != (qtype == tc.fails) || got != nil && got != replies[qtype] {
						t.Errorf("type %s: got %v", dns.TypeToString[qtype], got)
					}
				}
			})
		})
	}
}
