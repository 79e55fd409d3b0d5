package test

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// question returns a query as a stub resolver sends it.
func question(name, qtype string) *dns.Msg {
	m := new(dns.Msg)
	m.SetQuestion(dns.Fqdn(name), dns.StringToType[qtype])
	return m
}

// exchange sends a query over "udp", "tcp" or "tcp-tls". The test fails if there is no
// answer.
func (s *server) exchange(c *dns.Client, m *dns.Msg, addr string) *dns.Msg {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), patience)
	defer cancel()
	c.Timeout = patience / 2
	r, _, err := c.ExchangeContext(ctx, m, addr)
	if err != nil {
		s.Errorf("%s %s: %v", m.Question[0].Name, dns.TypeToString[m.Question[0].Qtype], err)
		return new(dns.Msg)
	}
	if r.Id != m.Id || len(r.Question) != 1 || r.Question[0] != m.Question[0] {
		s.Errorf("%s: the question came back as %v", m.Question[0].Name, r.Question)
	}
	return r
}

// query sends a query to the server over UDP.
func (s *server) query(name, qtype string) *dns.Msg {
	s.Helper()
	return s.exchange(new(dns.Client), question(name, qtype), s.addr("dns"))
}

// ask sends a query to the server over UDP and returns the answer as short does.
func (s *server) ask(name, qtype string) string {
	s.Helper()
	return short(s.query(name, qtype))
}

// short returns an answer as text: its records in their order ("A 192.0.2.1 A 192.0.2.2"),
// NODATA, or its rcode, followed by "SOA" for each SOA in the authority section.
func short(m *dns.Msg) string {
	var words []string
	switch {
	case m.Rcode != dns.RcodeSuccess:
		words = append(words, dns.RcodeToString[m.Rcode])
	case len(m.Answer) == 0:
		words = append(words, "NODATA")
	}
	words = append(words, data(m.Answer)...)
	for _, rr := range m.Ns {
		words = append(words, typeOf(rr))
	}
	return strings.Join(words, " ")
}

// data returns the type and the data of records.
func data(rrs []dns.RR) []string {
	var words []string
	for _, rr := range rrs {
		if typeOf(rr) == "RRSIG" {
			words = append(words, "RRSIG")
			continue
		}
		words = append(words, typeOf(rr), strings.TrimPrefix(rr.String(), rr.Header().String()))
	}
	return words
}

func typeOf(rr dns.RR) string { return dns.TypeToString[rr.Header().Rrtype] }

// aRecords returns what short does for an answer with these addresses.
func aRecords(addrs ...string) string { return "A " + strings.Join(addrs, " A ") }

// sorted returns what short does, with the records sorted.
func sorted(m *dns.Msg) string {
	words := strings.Fields(short(m))
	slices.Sort(words)
	return fmt.Sprint(words)
}
