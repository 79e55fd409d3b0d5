package healthcheck

import (
	"context"
	"errors"
	"io/fs"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

func TestMarkInconclusive(t *testing.T) {
	err := MarkInconclusive(fs.ErrNotExist)
	if !errors.Is(err, ErrInconclusive) || !errors.Is(err, fs.ErrNotExist) || err.Error() != fs.ErrNotExist.Error() {
		t.Errorf("%v is not a marked %v", err, fs.ErrNotExist)
	}
	if plain := errors.New("plain"); errors.Is(plain, ErrInconclusive) {
		t.Error("an error that is not marked is taken for one")
	}
}

func TestInvert(t *testing.T) {
	tests := []struct {
		err  error
		want Result
	}{
		{nil, Fail},
		{errNo, Pass},
		{MarkInconclusive(errNo), Inconclusive},
	}
	for _, tc := range tests {
		if got := resultOf(invert(tc.err)); got != tc.want {
			t.Errorf("%v becomes a %s, want a %s", tc.err, got, tc.want)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		for probe, want := range map[string]State{"passes": Down, "fails": Up, "panics": Down} {
			key := keyOf(&fake{probe, func(context.Context, netip.Addr) error {
				switch probe {
				case "fails":
					return errNo
				case "panics":
					panic("oops")
				}
				return nil
			}}, addr1)
			key.Spec.Invert = true
			r := NewRegistry(Hooks{})
			lease := r.Acquire(key, Unknown, ignore)
			time.Sleep(5 * time.Second)
			if lease.State() != want {
				t.Errorf("an inverted check that %s is %s, want %s", probe, lease.State(), want)
			}
			r.Release(lease)
		}
	})
}
