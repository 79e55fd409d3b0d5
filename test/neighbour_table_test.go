package test

import "strings"

// A neighbour is a plugin in the chain of a zone with stateRecords.
type neighbour struct {
	name string
	// config is what it adds to the server block, where ZONE is the zone; what
	// follows a "---" is one more server block for the zone, in front of it.
	config string
	// edit returns the expected answer, given the one without the neighbour.
	edit func(query, want string) string
	// also has further queries and their answers.
	also map[string]string
	// keeps says that answers for names that are not records may be old.
	keeps bool
	// check checks what the answer does not show.
	check func(h *neighbourhood, zone string, st state)
}

// stateQueries are the queries for every neighbour in every state, and their answers
// without the neighbour, in the words that statesStory.in replaces.
var stateQueries = map[string]string{
	"app.ZONE A":       "V4",
	"app.ZONE AAAA":    "V6",
	"app.ZONE TXT":     `TXT "t" NS`,
	"app.ZONE HTTPS":   `HTTPS 1 . alpn="h2" HINTS NS`,
	"app.ZONE MX":      "NODATA SOA",
	"app.ZONE CNAME":   "NODATA SOA",
	"x.apps.ZONE A":    "V4",
	"x.apps.ZONE AAAA": "V6",
	"x.apps.ZONE TXT":  "NODATA SOA",
	"apps.ZONE A":      "NODATA SOA",
	"gone.ZONE A":      "GONE",
	"gone.ZONE TXT":    "NODATA SOA",
	"failed.ZONE A":    "FAILED",
	"failed.ZONE MX":   "NODATA SOA",
	"four.ZONE A":      "A FOUR",
	"four.ZONE AAAA":   "NODATA SOA",
	"passed.ZONE TXT":  "NODATA SOA",
	"chain.ZONE A":     "FOUND",
	"chain.ZONE TXT":   "NODATA SOA",
	"host.ZONE A":      "FOUND",
	"host.ZONE MX":     "NODATA SOA",
	"alias.ZONE A":     "ALIAS",
	"alias.ZONE TXT":   "TEXT",
	"target.ZONE A":    "A TARGET NS",
	"www.ZONE A":       "CNAME app.ZONE V4 NS",
	"www.ZONE AAAA":    "CNAME app.ZONE V6 NS",
	"far.ZONE A":       "CNAME x.apps.ZONE V4 NS",
	"far.ZONE AAAA":    "CNAME x.apps.ZONE V6 NS",
	"www.ZONE HTTPS":   `CNAME app.ZONE HTTPS 1 . alpn="h2" HINTS NS`,
	"other.ZONE TXT":   `TXT "o" NS`,
	"other.ZONE A":     "NODATA SOA",
	"none.ZONE A":      "NXDOMAIN SOA",
	"x.app.ZONE A":     "NXDOMAIN SOA",
	"_x._tcp.ZONE SRV": "SRV 1 2 80 app.ZONE NS",
	"ZONE MX":          "MX 10 app.ZONE NS",
	"ZONE NS":          "NS ns.ZONE",
	"ZONE SOA":         "SOA ns.ZONE hostmaster.ZONE 7 7200 1800 86400 300 NS",
}

var neighbourTable = []neighbour{
	{name: "nobody", check: leadsToNow},
	{name: "cache", config: "cache 3600", keeps: true},
	{name: "cache with serve_stale", config: "cache 3600 {\nserve_stale 1h\n}", keeps: true},
	{name: "cache with serve_stale verify", config: "cache 3600 {\nserve_stale 1h verify\n}", keeps: true},
	{name: "cache with prefetch", config: "cache 3600 {\nprefetch 1 1m 90%\n}", keeps: true},
	{name: "cache with both", config: "cache 3600 {\nserve_stale 1h\nprefetch 1 1m 90%\nservfail 5m\n}", keeps: true},
	{name: "rewrite of names", config: "rewrite stop {\nname exact old.ZONE app.ZONE\nanswer auto\n}",
		also: map[string]string{"old.ZONE A": "V4", "old.ZONE AAAA": "V6", "old.ZONE TXT": `TXT "t" NS`, "old.ZONE MX": "NODATA SOA"}},
	{name: "rewrite of names to a wildcard", config: "rewrite stop {\nname suffix .old.ZONE .apps.ZONE\nanswer auto\n}",
		also: map[string]string{"y.old.ZONE A": "V4", "y.old.ZONE AAAA": "V6"}},
	{name: "rewrite of answers", config: "rewrite stop {\nname exact old.ZONE app.ZONE\nanswer name app.ZONE old.ZONE\nanswer value app.ZONE other.ZONE\n}",
		also: map[string]string{"old.ZONE A": "V4", "old.ZONE AAAA": "V6"}},
	{name: "rewrite of TTLs", config: "rewrite ttl exact app.ZONE 222", check: hasTTL(222)},
	{name: "rewrite of types", config: "rewrite {\ntype ANY HINFO\n}", also: map[string]string{"app.ZONE ANY": "NODATA SOA"}},
	{name: "loadbalance", config: "loadbalance"},
	{name: "minimal", config: "minimal", edit: withoutNS, check: isMinimal},
	{name: "dns64", config: "dns64 {\nprefix 64:ff9b::/96\nallow_ipv4\n}", edit: synthesised},
	{name: "autopath", config: "autopath search.ZONE",
		also: map[string]string{
			"app.first.ZONE A":    "CNAME app.ZONE V4",
			"app.first.ZONE AAAA": "CNAME app.ZONE V6",
			"x.apps.first.ZONE A": "CNAME x.apps.ZONE V4",
		}},
	{name: "view", config: "---\nview six {\nexpr type() == 'AAAA'\n}"},
	{name: "acl", config: "acl {\nblock type TXT\nfilter type MX\n}", edit: blocked},
	{name: "transfer", config: "transfer {\nto *\n}", check: transfersItsData},
	{name: "header", config: "header {\nresponse set ra\nresponse clear aa\n}", check: hasFlags},
	{name: "local", config: "local", also: map[string]string{"localhost.ZONE A": "A 127.0.0.1", "localhost.ZONE AAAA": "AAAA ::1"}},
	{name: "loop", config: "loop"},
	{name: "prometheus", config: "prometheus $ip:$metrics", check: isCounted},
	{name: "dnstap", config: "dnstap unix://$dir/tap full", check: isTapped},
	{name: "log, errors, metadata and nsid", config: "log\nerrors\nmetadata\nnsid here"},
	{name: "any", config: "any", also: map[string]string{"app.ZONE ANY": `HINFO "ANY obsoleted" "See RFC 8482"`}},
	{name: "many", config: "loadbalance\nminimal\ncache 3600 {\nserve_stale 1h\n}\nlocal\nloop\nlog\nheader {\nresponse set ra\n}",
		edit: withoutNS, keeps: true},
}

// withoutNS removes the NS records, as minimal does from positive answers.
func withoutNS(_, want string) string { return strings.TrimSuffix(want, " NS") }

// synthesised returns mapped IPv6 addresses where want has none, as dns64 does.
func synthesised(query, want string) string {
	if query == "four.ZONE AAAA" {
		return "AAAA MAPPED"
	}
	return want
}

// blocked returns REFUSED for TXT and no answer for MX.
func blocked(query, want string) string {
	switch _, qtype, _ := strings.Cut(query, " "); qtype {
	case "TXT":
		return "REFUSED"
	case "MX":
		return "NODATA"
	}
	return want
}
