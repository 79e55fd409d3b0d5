package corefile

import (
	"slices"
	"testing"
)

// An expression may be in quotes or not, as in the plugin view.
func TestPrefer(t *testing.T) {
	tests := []struct {
		words, want string
		metadata    bool
	}{
		{"type() == 'A'", "type() == 'A'", false},
		{`"type() == 'A'"`, "type() == 'A'", false},
		{"incidr(client_ip(),   '10.0.0.0/8')", "incidr(client_ip(), '10.0.0.0/8')", false},
		{"name() matches '^a' or not do()", "name() matches '^a' or not do()", false},
		{"metadata('geoip/country/code') == 'DE'", "metadata('geoip/country/code') == 'DE'", true},
		{"client_ip() == 'metadata'", "client_ip() == 'metadata'", false},
		{`"all(['a/b'], metadata(#) != '')"`, "all(['a/b'], metadata(#) != '')", true},
	}
	for _, test := range tests {
		config := mustParse(t, "failover {\ncheck none\nrecord a b {\nprimary 192.0.2.1\n"+
			"pool x 192.0.2.2 {\nprefer "+test.words+"\n}\n}\nrecord c {\nprimary 192.0.2.1\n}\n}")
		if got := config.Records[1].Pools[1].Prefer; got != test.want {
			t.Errorf("%s: got %s", test.words, got)
		}
		var want []string
		if test.metadata {
			want = []string{"a.example.org.", "b.example.org."}
		}
		if !slices.Equal(config.Metadata, want) {
			t.Errorf("%s: metadata is asked for by %v, want %v", test.words, config.Metadata, want)
		}
	}
}
