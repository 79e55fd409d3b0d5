package serve

import "testing"

// The reason of an endpoint says of what it is one, as that of its check does not.
func TestCauseOf(t *testing.T) {
	for reason, want := range map[string]string{
		"192.0.2.1 of pool primary is down: 5 failures in 3s: status 503": "5 failures in 3s: status 503",
		"override: a test": "override: a test",
		"start":            "start",
	} {
		if got := causeOf(reason); got != want {
			t.Errorf("%q: got %q, want %q", reason, got, want)
		}
	}
}
