package zone

import (
	"fmt"
	"testing"
)

func TestIndex(t *testing.T) {
	few := NewIndex([]string{"example.org.", "sub.example.org.", "example.net."})
	for name, want := range map[string]string{
		"example.org.":         "example.org.",
		"app.example.org.":     "example.org.",
		"sub.example.org.":     "sub.example.org.",
		"a.b.sub.example.org.": "sub.example.org.",
		"xexample.org.":        "",
		`a\.example.org.`:      "",
		"org.":                 "",
		".":                    "",
	} {
		if got := few.Match(name); got != want {
			t.Errorf("%s is in %q, want %q", name, got, want)
		}
	}
	root := NewIndex([]string{".", "example.org."})
	for name, want := range map[string]string{"app.example.org.": "example.org.", "org.": ".", ".": "."} {
		if got := root.Match(name); got != want {
			t.Errorf("beside the root, %s is in %q, want %q", name, got, want)
		}
	}
	if got := Index(nil).Match("example.org."); got != "" {
		t.Errorf("in nothing, got %q", got)
	}
}

// A match among ten thousand zones allocates nothing; each comparison of names would
// allocate twice.
func TestIndexDoesNotCompare(t *testing.T) {
	var zones []string
	for i := range 10_000 {
		zones = append(zones, fmt.Sprintf("r%d.example.org.", i))
	}
	a := NewApexes([]string{"."}, zones)
	for _, name := range []string{"x.r7.example.org.", "x.y.example.org."} {
		if n := testing.AllocsPerRun(10, func() { a.Of(name) }); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
