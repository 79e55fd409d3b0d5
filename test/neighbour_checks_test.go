package test

import (
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// leadsToNow checks the additional records of answers that point to a record's name, and
// their TTLs.
func leadsToNow(h *neighbourhood, zone string, st state) {
	h.Helper()
	want := words(st.v4 + " " + st.v6)
	for _, query := range []string{"_x._tcp.ZONE SRV", "ZONE MX"} {
		var got []dns.RR
		for _, rr := range h.queryIn(zone, query).Extra {
			if strings.EqualFold(rr.Header().Name, "app."+zone) {
				got = append(got, rr)
			}
		}
		if got := words(strings.Join(data(got), " ")); got != want {
			h.Errorf("%s: the additional records are %s, want %s", query, got, want)
		}
	}
	for _, query := range []string{"_x._tcp.ZONE SRV", "ZONE MX", "app.ZONE HTTPS", "www.ZONE HTTPS", "www.ZONE A", "www.ZONE AAAA", "alias.ZONE A"} {
		m := h.queryIn(zone, query)
		for _, rr := range slices.Concat(m.Answer, m.Ns, m.Extra) {
			if rr.Header().Ttl > 7 {
				h.Errorf("%s: a TTL above the record's: %s", query, rr)
			}
		}
	}
}

func hasTTL(ttl uint32) func(*neighbourhood, string, state) {
	return func(h *neighbourhood, zone string, _ state) {
		h.Helper()
		for name, want := range map[string]uint32{"app.": ttl, "x.apps.": 7} {
			for _, rr := range h.query(name+zone, "A").Answer {
				if got := rr.Header().Ttl; got != want {
					h.Errorf("%s has a TTL of %d, want %d", name, got, want)
				}
			}
		}
	}
}

func isMinimal(h *neighbourhood, zone string, _ state) {
	h.Helper()
	for _, query := range []string{"app.ZONE A", "app.ZONE TXT", "ZONE MX", "www.ZONE A"} {
		if m := h.queryIn(zone, query); len(m.Ns)+len(m.Extra) > 0 {
			h.Errorf("%s: the authority or additional section is not empty:\n%s", query, m)
		}
	}
}

func hasFlags(h *neighbourhood, zone string, _ state) {
	h.Helper()
	for query, rcode := range map[string]int{"app.ZONE A": dns.RcodeSuccess, "none.ZONE A": dns.RcodeNameError} {
		m := h.queryIn(zone, query)
		if !m.RecursionAvailable || m.Authoritative || m.Rcode != rcode {
			h.Errorf("%s: got %s, want flags RA and not AA", query, m)
		}
	}
}

// transfersItsData checks that a transfer of the zone has the data of its file, not the
// answers of records.
func transfersItsData(h *neighbourhood, zone string, _ state) {
	h.Helper()
	m := new(dns.Msg)
	m.SetAxfr(zone)
	envelopes, err := new(dns.Transfer).In(m, h.addr("dns"))
	if err != nil {
		h.Fatal(err)
	}
	var got []string
	for e := range envelopes {
		if e.Error != nil {
			h.Fatal(e.Error)
		}
		for _, rr := range e.RR {
			got = append(got, strings.Join(strings.Fields(rr.String()), " "))
		}
	}
	want := transferred(h, zone)
	if len(got) == 0 || got[0] != got[len(got)-1] {
		h.Errorf("%q does not begin and end with an SOA", got)
		return
	}
	got = got[1:]
	slices.Sort(got)
	if !slices.Equal(got, want) {
		h.Errorf("the transfer has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// transferred are the records of the zone's file.
func transferred(h *neighbourhood, zone string) (want []string) {
	p := dns.NewZoneParser(strings.NewReader(h.vars.expand(h.T, stateZoneFile)), zone, "")
	for rr, ok := p.Next(); ok; rr, ok = p.Next() {
		want = append(want, strings.Join(strings.Fields(rr.String()), " "))
	}
	if err := p.Err(); err != nil {
		h.Fatal(err)
	}
	slices.Sort(want)
	return want
}

// isCounted checks that prometheus counts the answers of failover as it does those of others.
func isCounted(h *neighbourhood, zone string, _ state) {
	h.Helper()
	sum := func(series string, words ...string) (n float64) {
		scraped := h.scrape()
		for _, name := range scraped.with(append(words, series+"{")...) {
			n += scraped.number(h.T, name)
		}
		return n
	}
	record := func() float64 { return sum("coredns_failover_responses_total", `record="app.`+zone+`"`) }
	all := func() float64 { return sum("coredns_dns_responses_total", `zone="`+zone+`"`, `rcode="NOERROR"`) }
	records, alls := record(), all()
	h.queryIn(zone, "app.ZONE A")
	if now := record(); now < records+1 {
		h.Errorf("the record's answers were %v and are %v", records, now)
	}
	eventually(h.T, "the answers of the zone are counted", func() bool { return all() >= alls+1 })
}

// isTapped checks that dnstap sees the answer that the client gets.
func isTapped(h *neighbourhood, zone string, st state) {
	h.Helper()
	id := fmt.Sprintf("t%d.apps.", h.tapped.Add(1)) // a name that no other test queries
	h.query(id+zone, "A")
	name := make([]byte, 255)
	n, err := dns.PackDomainName(id+zone, name, 0, nil, false)
	if err != nil {
		h.Fatal(err)
	}
	parts := [][]byte{name[:n]}
	for _, word := range strings.Fields(st.v4) {
		if ip := net.ParseIP(word); ip != nil {
			parts = append(parts, ip.To4())
		}
	}
	eventually(h.T, "dnstap has the answer to "+id, func() bool { return h.tap.has(parts...) })
}
