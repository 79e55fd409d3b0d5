package zone

import (
	"fmt"
	"slices"
	"testing"
)

func TestBypass(t *testing.T) {
	var many, few []string
	for i := range 64 {
		many = append(many, fmt.Sprintf("r%02d.example.org.", i))
	}
	few = many[:63]
	tests := []struct {
		name    string
		records []string
		want    []string
		whole   bool
	}{
		{"names", []string{"b.example.org.", "a.example.org."}, []string{"a.example.org.", "b.example.org."}, false},
		{"a wildcard", []string{"*.apps.example.org."}, []string{"apps.example.org."}, false},
		{"those below another are left out", []string{"x.a.example.org.", "a.example.org.", "*.a.example.org."}, []string{"a.example.org."}, false},
		{"alike is not below", []string{"xa.example.org.", "a.example.org."}, []string{"a.example.org.", "xa.example.org."}, false},
		{"63 names", few, few, false},
		{"64 names", many, []string{"example.net.", "example.org."}, true},
		{"64 names below one", append([]string{"example.org."}, many...), []string{"example.org."}, false},
	}
	zones := []string{"example.org.", "sub.example.org.", "example.net."}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			names, whole := Bypass(tc.records, zones, []string{"org."})
			if !slices.Equal(names, tc.want) || whole != tc.whole {
				t.Errorf("got %v, %v, want %v, %v", names, whole, tc.want, tc.whole)
			}
		})
	}
}

// From a thousand zones on, the zones of the server block are returned.
func TestBypassOfManyZones(t *testing.T) {
	zones := []string{"example.net."}
	for i := range 999 {
		zones = append(zones, fmt.Sprintf("r%03d.example.org.", i))
	}
	for _, tc := range []struct {
		zones, blocks []string
		want          int
	}{
		{zones[1:], []string{"example.org."}, 999},
		{zones, []string{"example.org."}, 2},
		{zones, []string{"example.org.", "."}, 2},
		{zones, []string{"."}, 1000},
	} {
		if names, whole := Bypass(tc.zones, tc.zones, tc.blocks); len(names) != tc.want || !whole {
			t.Errorf("%d zones in %v: got %d names, want %d", len(tc.zones), tc.blocks, len(names), tc.want)
		}
	}
}
