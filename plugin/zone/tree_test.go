package zone

import "testing"

func TestFind(t *testing.T) {
	var tree Tree[string]
	tree.AddZone("example.org.")
	tree.AddZone("deep.example.net.")
	for _, name := range []string{
		"example.org.", "www.example.org.", "a.b.example.org.",
		"*.apps.example.org.", "one.apps.example.org.", "x.two.apps.example.org.",
	} {
		tree.AddRecord(name, "example.org.", name)
	}
	tree.AddRecord("app.deep.example.net.", ".", "app")

	tests := []struct {
		name, record string
		match        Match
	}{
		{"example.org.", "example.org.", Record},
		{"www.example.org.", "www.example.org.", Record},
		{"b.example.org.", "", EmptyNonTerminal},
		{"c.b.example.org.", "", InZone},
		{"x.www.example.org.", "", InZone},
		{"mail.example.org.", "", InZone},
		// RFC 4592, section 2.2.1: names that exist, and names below them, are not covered.
		{"three.apps.example.org.", "*.apps.example.org.", Record},
		{"y.three.apps.example.org.", "*.apps.example.org.", Record},
		{"*.apps.example.org.", "*.apps.example.org.", Record},
		{"apps.example.org.", "", EmptyNonTerminal},
		{"one.apps.example.org.", "one.apps.example.org.", Record},
		{"y.one.apps.example.org.", "", InZone},
		{"two.apps.example.org.", "", EmptyNonTerminal},
		{"y.two.apps.example.org.", "", InZone},
		{"y.*.apps.example.org.", "", InZone},
		// Names above a zone exist as well.
		{"app.deep.example.net.", "app", Record},
		{"deep.example.net.", "", EmptyNonTerminal},
		{"example.net.", "", EmptyNonTerminal},
		{"net.", "", EmptyNonTerminal},
		{".", "", EmptyNonTerminal},
		{"www.example.net.", "", OutOfZone},
		{"org.", "", OutOfZone},
		{"www.example.com.", "", OutOfZone},
		// A dot within a label separates nothing.
		{`a\.example.org.`, "", OutOfZone},
		{`a\.b.example.org.`, "", InZone},
	}
	for _, tc := range tests {
		record, match := tree.Find(tc.name)
		if record != tc.record || match != tc.match {
			t.Errorf("%s: got %q, %d, want %q, %d", tc.name, record, match, tc.record, tc.match)
		}
	}
}

func TestFindInTheRootZone(t *testing.T) {
	var tree Tree[string]
	tree.AddZone(".")
	tree.AddRecord("*.", ".", "any")
	tree.AddRecord("www.example.org.", ".", "www")
	for name, want := range map[string]string{
		"com.":             "any",
		"www.example.com.": "any",
		"www.example.org.": "www",
		"org.":             "",
		"example.org.":     "",
		"example.net.":     "any",
		"mail.org.":        "",
	} {
		if got, _ := tree.Find(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestFindInNothing(t *testing.T) {
	var tree Tree[string]
	if _, match := tree.Find("example.org."); match != OutOfZone {
		t.Errorf("got %d", match)
	}
}

func TestApexes(t *testing.T) {
	tests := []struct {
		blocks, zones []string
		name, want    string
	}{
		{[]string{"example.org."}, []string{"app.example.org."}, "app.example.org.", "example.org."},
		{[]string{"example.org.", "sub.example.org."}, nil, "app.sub.example.org.", "sub.example.org."},
		{[]string{"example.org."}, []string{"example.org."}, "example.com.", ""},
		{[]string{"."}, []string{"app.example.org.", "org."}, "app.example.org.", "app.example.org."},
		{[]string{"."}, []string{"app.example.org."}, "example.org.", ""},
		{[]string{"."}, []string{"."}, "example.org.", "."},
		{[]string{".", "example.org."}, []string{"app.example.org."}, "app.example.org.", "example.org."},
		{[]string{".", "example.org."}, []string{"app.example.com."}, "app.example.com.", "app.example.com."},
	}
	for _, tc := range tests {
		if got := NewApexes(tc.blocks, tc.zones).Of(tc.name); got != tc.want {
			t.Errorf("%v, %v: %s is in %q, want %q", tc.blocks, tc.zones, tc.name, got, tc.want)
		}
	}
}

func TestApexesThatAreSigned(t *testing.T) {
	for _, tc := range []struct{ block, zone, signed, want string }{
		{"example.org.", "example.org.", "example.org.", "example.org."},
		{"example.org.", "example.org.", "sub.example.org.", "sub.example.org."},
		{".", ".", "example.org.", "example.org."},
		{".", "app.sub.example.org.", "example.org.", "example.org."},
		{".", "example.org.", "example.net.", "example.org."},
		{".", "example.net.", "example.org.", ""},
	} {
		a := NewApexes([]string{tc.block}, []string{tc.zone})
		a.Sign([]string{tc.signed})
		if got := a.Of("app.sub.example.org."); got != tc.want {
			t.Errorf("%+v: got %q", tc, got)
		}
	}
}
