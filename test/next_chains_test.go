package test

import (
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// A nextChain is what follows failover in a chain, and how that answers queries for a
// record's name: by type, with NODATA and one SOA for types that are not listed. A and
// AAAA are the answers under "all_down next".
type nextChain struct {
	name     string
	chain    string         // $zone is the zone's file
	zone     string         // what the zone file has for the record's name
	upstream func(*dns.Msg) // makes the answers of $upstream, if the chain forwards to it
	soa      string         // whose SOA is in negative answers: "file", "upstream", or "" for failover
	hints    string         // the address hints of the HTTPS record, as they are answered
	answers  map[string]string
}

const upstreamSOA = "authority @ 60 IN SOA ns.@ hostmaster.@ 8 7200 1800 86400 60"

func nextChains(t *testing.T) []nextChain {
	const file, forward = "file $zone", "forward . $upstream"
	return []nextChain{
		{name: "nothing"},
		{name: "file with data", chain: file, soa: "file",
			zone: "app TXT t\napp MX 10 mx\napp HTTPS 1 . alpn=h2\napp A 127.9.9.9\n",
			answers: map[string]string{
				"TXT": `TXT "t" NS`, "MX": "MX 10 mx.ZONE NS", "HTTPS": `HTTPS 1 . alpn="h2" NS`, "A": "A 127.9.9.9 NS",
			}},
		{name: "file with nothing", chain: file, soa: "file"},
		{name: "file with the name below", chain: file, soa: "file", zone: "x.app TXT t\n"},
		{name: "file with a CNAME", chain: file, soa: "file", zone: "app CNAME ns\n",
			answers: map[string]string{"A": "CNAME ns.ZONE A 127.0.0.53 NS", "AAAA": "CNAME ns.ZONE NS"}},
		{name: "file with a DNAME", chain: file, soa: "file", zone: "app DNAME ns\n"},
		{name: "file with a delegation", chain: file, soa: "file", zone: "app NS ns.app\nns.app A 127.0.0.53\n",
			answers: map[string]string{"A": "NODATA NS", "AAAA": "NODATA NS"}},
		{name: "file with a wildcard", chain: file, soa: "file", zone: "* TXT t\n",
			answers: map[string]string{"TXT": `TXT "t" NS`}},
		{name: "file with a wildcard CNAME", chain: file, soa: "file", zone: "* CNAME ns\n",
			answers: map[string]string{"A": "CNAME ns.ZONE A 127.0.0.53 NS", "AAAA": "CNAME ns.ZONE NS"}},
		{name: "file for another zone", chain: "file $zone other.test"},
		{name: "hosts", chain: "hosts {\n127.9.9.9 app.ZONE\n}", answers: map[string]string{"A": "A 127.9.9.9"}},
		{name: "hosts without the name", chain: "hosts {\n127.9.9.9 other.ZONE\n}", answers: all("SERVFAIL")},
		{name: "NXDOMAIN", chain: forward, soa: "upstream", upstream: says(t, dns.RcodeNameError, upstreamSOA)},
		{name: "NXDOMAIN without SOA", chain: forward, upstream: says(t, dns.RcodeNameError)},
		{name: "NXDOMAIN with two SOA", chain: forward, soa: "upstream",
			upstream: says(t, dns.RcodeNameError, upstreamSOA, upstreamSOA+"0")},
		{name: "NODATA without SOA", chain: forward, upstream: says(t, dns.RcodeSuccess)},
		{name: "CNAME from upstream", chain: forward,
			upstream: says(t, dns.RcodeSuccess, "answer app.@ CNAME www.@"),
			answers:  map[string]string{"A": "CNAME www.ZONE", "AAAA": "CNAME www.ZONE"}},
		{name: "CNAME of a DNAME", chain: forward,
			upstream: says(t, dns.RcodeSuccess, "answer @ DNAME www.test.", "answer app.@ CNAME app.www.test."),
			answers:  map[string]string{"A": "DNAME www.test. CNAME app.www.test.", "AAAA": "DNAME www.test. CNAME app.www.test."}},
		{name: "SERVFAIL", chain: forward, upstream: says(t, dns.RcodeServerFailure), answers: all("SERVFAIL")},
		{name: "REFUSED", chain: forward, upstream: says(t, dns.RcodeRefused), answers: all("REFUSED")},
		{name: "template", chain: "template ANY ANY {\nrcode NXDOMAIN\n}"},
	}
}

// all returns one answer for every type.
func all(answer string) map[string]string {
	answers := map[string]string{"A": answer, "AAAA": answer}
	for _, qtype := range otherTypes {
		answers[qtype] = answer
	}
	return answers
}

// answer returns what a query is answered with that failover passes on.
func (c *nextChain) answer(qtype, zone string) string {
	if want, ok := c.answers[qtype]; ok {
		return strings.ReplaceAll(want, "ZONE", zone)
	}
	return "NODATA SOA"
}
