package corefile

import (
	"fmt"
	"strings"
	"testing"
)

// notations are the ways to write n records.
var notations = map[string]func(n int) string{
	"one block": func(n int) string {
		return "failover example.org {\ncheck none\n" + repeat(n, "record r%d {\nprimary 192.0.2.1\n}\n") + "}\n"
	},
	"many blocks": func(n int) string {
		return repeat(n, "failover r%d.example.org {\ncheck none\nprimary 192.0.2.1\n}\n")
	},
	"a block with many zones": func(n int) string {
		return "failover" + repeat(n, " r%d.example.org") + " {\ncheck none\nprimary 192.0.2.1\n}\n"
	},
	"records in many zones": func(n int) string {
		return "failover" + repeat(n, " r%d.example.org") + " {\ncheck none\n" +
			repeat(n, "record r%d.example.org. {\nprimary 192.0.2.1\n}\n") + "}\n"
	},
}

func repeat(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// Parsing takes as many allocations in every notation. Comparing two names takes
// some, so that this finds code that compares each name with all others.
func TestNotationsCostTheSame(t *testing.T) {
	const n = 1000
	for _, zone := range []string{"example.org.", "."} {
		cost := make(map[string]float64)
		for notation, write := range notations {
			text := write(n)
			cost[notation] = testing.AllocsPerRun(1, func() {
				c := controller(text)
				c.ServerBlockKeys = []string{zone}
				config, err := Parse(c)
				if err != nil || len(config.Records) != n {
					t.Fatalf("%s: %v", notation, err)
				}
			})
		}
		for notation, c := range cost {
			if one := cost["one block"]; c > 3*one {
				t.Errorf("%s in a block for %s: %v allocations, and %v in one block", notation, zone, c, one)
			}
		}
	}
}
