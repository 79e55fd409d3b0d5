package coredns

import (
	"testing"

	"github.com/coredns/coredns/core/dnsserver"
)

// The zone of a name is the longest of the server blocks that encloses it.
func TestPlaceZone(t *testing.T) {
	p := newPlace(nil, []*dnsserver.Config{{Zone: "example.org."}, {Zone: "sub.example.org."}, {Zone: "example.net."}})
	for name, want := range map[string]string{
		"example.org.":       "example.org.",
		"a.b.example.org.":   "example.org.",
		"a.sub.example.org.": "sub.example.org.",
		"notexample.org.":    "",
		"org.":               "",
	} {
		if got := p.Zone(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
