package test

import "strings"

// A signedChain is a chain with dnssec, and the answers that only this chain gives.
type signedChain struct {
	name, config string
	// passed is the answer to A of the record with "all_down next", when all pools are down.
	passed string
	// also are further queries.
	also map[string]string
}

var behindFile = map[string]string{
	"app.ZONE TXT":     "TXT t",
	"app.ZONE HTTPS":   "HTTPS 1 . alpn=h2 HINTS",
	"www.ZONE A":       "CNAME app.ZONE V4",
	"www.ZONE AAAA":    "CNAME app.ZONE V6",
	"www.ZONE HTTPS":   "CNAME app.ZONE HTTPS 1 . alpn=h2 HINTS",
	"far.ZONE A":       "CNAME x.apps.ZONE V4",
	"chain.ZONE A":     "FOUND",
	"chain.ZONE AAAA":  "NODATA",
	"chain.ZONE MX":    "NODATA",
	"host.ZONE A":      "FOUND",
	"host.ZONE AAAA":   "NODATA",
	"alias.ZONE A":     "ALIAS",
	"alias.ZONE TXT":   "TEXT",
	"other.ZONE TXT":   "TXT o",
	"_x._tcp.ZONE SRV": "SRV 1 2 80 app.ZONE",
	"ZONE MX":          "MX 10 app.ZONE",
	"ZONE SOA":         "SOA ns.ZONE hostmaster.ZONE 7 7200 1800 86400 300",
}

var signedChains = []signedChain{
	{"nothing", "", "NODATA", map[string]string{"app.ZONE TXT": "NODATA", "app.ZONE HTTPS": "NODATA", "ZONE NS": "NS ns.dns.ZONE"}},
	{"file", "file $zone", "A 127.9.9.9", behindFile},
	{"file and cache", "cache 3600 {\nserve_stale\n}\nfile $zone", "A 127.9.9.9", behindFile},
	{"file, loadbalance and minimal", "loadbalance\nminimal\nfile $zone", "A 127.9.9.9", behindFile},
}

// signedQueries are sent to every chain. Names that do not exist are NODATA, because
// dnssec makes NSEC records that deny the type alone.
var signedQueries = map[string]string{
	"app.ZONE A":        "V4",
	"app.ZONE AAAA":     "V6",
	"x.apps.ZONE A":     "V4",
	"X.Y.apps.ZONE A":   "V4",
	"x.apps.ZONE AAAA":  "V6",
	"gone.ZONE A":       "GONE",
	"failed.ZONE A":     "FAILED",
	"passed.ZONE A":     "PASSED",
	"four.ZONE A":       "A FOUR",
	"four.ZONE AAAA":    "NODATA",
	"apps.ZONE A":       "NODATA",
	"apps.ZONE TXT":     "NODATA",
	"none.ZONE A":       "NODATA",
	"none.none.ZONE MX": "NODATA",
	"x.app.ZONE A":      "NODATA",
}

func init() {
	for _, qtype := range []string{"MX", "NS", "SOA", "DS", "CNAME", "SRV", "SVCB", "CAA", "PTR", "TLSA"} {
		signedQueries["app.ZONE "+qtype] = "NODATA"
		signedQueries["x.apps.ZONE "+qtype] = "NODATA"
	}
}

// queries returns the queries of a chain and their answers in a state, as words returns them.
func (c *signedChain) queries(s statesStory, zone string, st state) map[string]string {
	st.gone, _, _ = strings.Cut(st.gone, " SOA")
	st.text, _, _ = strings.Cut(st.text, " SOA")
	if !st.primary && !st.secondary {
		st.passed = c.passed
	}
	all := make(map[string]string)
	for _, queries := range []map[string]string{signedQueries, c.also} {
		for query, want := range queries {
			all[strings.ReplaceAll(query, "ZONE", zone)] = words(strings.ReplaceAll(s.in(want, zone, st), `"`, ""))
		}
	}
	return all
}
