package event

import "testing"

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"":                        "",
		"status 503 <b>é 日本":      "status 503 <b>é 日本",
		"a\x1b[2Jb":               `a\x1b[2Jb`,
		"line\r\nplugin/failover": `line\r\nplugin/failover`,
		"tab\t\x00\x7f\u0085":     `tab\t\x00\x7f\u0085`,
		"\u202eevil\u2066\u200f":  `\u202eevil\u2066\u200f`,
		"\u2028\ufeff\u00ad":      `\u2028\ufeff\u00ad`,
		"half\xc3 \xff":           `half\xc3 \xff`,
		"kept \uFFFD":             "kept \uFFFD",
	} {
		if got := Printable(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// What targets, clients and operators write begins no line of the log.
func TestLogIsPrintable(t *testing.T) {
	const evil = "x\n[INFO] plugin/failover: \x1b[2J\u202e"
	for _, e := range []Event{
		{Kind: CheckChanged, To: "down", Reason: evil}, {Kind: CheckInconclusive, Reason: evil}, {Kind: CheckPanicked, Reason: evil},
		{Kind: LookupFailed, Name: evil, Reason: evil}, {Kind: LookupRecovered, Name: evil},
		{Kind: PoolChanged, From: "primary", To: "secondary", Reason: evil}, {Kind: StateChanged, To: "degraded", Reason: evil},
		{Kind: OverrideSet, Record: "app.example.org.", To: "down", Reason: evil, Actor: evil},
		{Kind: OverrideEnded, Endpoint: "192.0.2.1", From: "down", Reason: evil, Actor: evil},
		{Kind: Released, Pool: "primary", Actor: evil},
	} {
		lines := logged(func() { Log(e) })
		for i, line := range lines {
			if len(lines) > 1 || Printable(line) != line {
				t.Errorf("event %d: line %d of %d is %q", e.Kind, i, len(lines), line)
			}
		}
	}
}
