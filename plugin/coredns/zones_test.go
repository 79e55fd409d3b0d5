package coredns

import (
	"slices"
	"testing"

	"github.com/coredns/coredns/plugin"
)

type cache struct {
	plugin.Handler
	Zones []string
}

type dnssec struct {
	plugin.Handler
	zones []string
}

type other struct {
	plugin.Handler
	zones map[string]int
}

func TestZones(t *testing.T) {
	want := []string{"example.org.", "example.net."}
	for _, tc := range []struct {
		h    plugin.Handler
		want []string
	}{
		{&cache{Zones: want}, want},
		{dnssec{zones: want}, want},
		{&cache{}, nil},
		{other{zones: map[string]int{"example.org.": 1}}, nil},
		{plugin.HandlerFunc(nil), nil},
		{(*cache)(nil), nil},
		{nil, nil},
	} {
		if got := Zones(tc.h); !slices.Equal(got, tc.want) {
			t.Errorf("%T: got %v, want %v", tc.h, got, tc.want)
		}
	}
}
