package test

import (
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/miekg/dns"
)

// An upstream is a name server whose answers a test chooses.
type upstream struct {
	addr string
	hits atomic.Int64
}

// newUpstream starts a name server on UDP and TCP. reply fills in an empty reply to each
// query.
func newUpstream(t *testing.T, reply func(m *dns.Msg)) *upstream {
	t.Helper()
	u := new(upstream)
	u.addr = listen(t, func(w dns.ResponseWriter, r *dns.Msg) {
		u.hits.Add(1)
		m := new(dns.Msg)
		m.SetReply(r)
		reply(m)
		w.WriteMsg(m)
	})
	return u
}

// listen starts a name server on UDP and TCP, and returns its address.
func listen(t *testing.T, handler dns.HandlerFunc) (addr string) {
	t.Helper()
	ip := loopback()
	addr = net.JoinHostPort(ip, freePort(t, ip))
	for _, network := range []string{"udp", "tcp"} {
		listening := make(chan struct{})
		s := &dns.Server{Addr: addr, Net: network, Handler: handler, NotifyStartedFunc: func() { close(listening) }}
		failed := make(chan error, 1)
		go func() { failed <- s.ListenAndServe() }()
		select {
		case <-listening:
		case err := <-failed:
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Shutdown() })
	}
	return addr
}

// rr parses a record.
func rr(t *testing.T, text string) dns.RR {
	t.Helper()
	r, err := dns.NewRR(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// says returns a reply function that answers with rcode and records. A record is written
// "answer RR" or "authority RR", with @ for the zone, which is the last two labels of the
// queried name. A query for the SOA of the zone is answered with the SOA in records.
func says(t *testing.T, rcode int, records ...string) func(*dns.Msg) {
	return func(m *dns.Msg) {
		q := m.Question[0]
		m.Rcode = rcode
		for _, text := range records {
			section, r := record(t, text, q.Name)
			switch {
			case q.Qtype == dns.TypeSOA && typeOf(r) == "SOA" && strings.EqualFold(q.Name, r.Header().Name):
				m.Rcode, m.Answer, m.Ns = dns.RcodeSuccess, []dns.RR{r}, nil
				return
			case section == "answer":
				m.Answer = append(m.Answer, r)
			default:
				m.Ns = append(m.Ns, r)
			}
		}
	}
}

// record parses "SECTION RR", where @ stands for the zone of a name.
func record(t *testing.T, text, name string) (section string, _ dns.RR) {
	labels := dns.SplitDomainName(name)
	zone := strings.ToLower(strings.Join(labels[max(0, len(labels)-2):], ".")) + "."
	section, text, _ = strings.Cut(text, " ")
	return section, rr(t, strings.ReplaceAll(text, "@", zone))
}
