package test

import (
	"crypto/tls"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// everyListener is a server block with every kind of listener of CoreDNS.
const everyListener = `
	zone.test:$dns tls://zone.test:$dot https://zone.test:$doh quic://zone.test:$doq grpc://zone.test:$grpc {
		bind $ip
		prometheus $ip:$metrics
		tls server.pem server.key
		RECORDS
		file $zone zone.test
	}`

func (s *server) transports(config *tls.Config) map[string]func(*dns.Msg) *dns.Msg {
	return map[string]func(*dns.Msg) *dns.Msg{
		"UDP": func(m *dns.Msg) *dns.Msg { return s.exchange(new(dns.Client), m, s.addr("dns")) },
		"TCP": func(m *dns.Msg) *dns.Msg { return s.exchange(&dns.Client{Net: "tcp"}, m, s.addr("dns")) },
		"DoT": func(m *dns.Msg) *dns.Msg {
			return s.exchange(&dns.Client{Net: "tcp-tls", TLSConfig: config}, m, s.addr("dot"))
		},
		"DoH":  func(m *dns.Msg) *dns.Msg { return s.overHTTPS(m, config) },
		"DoQ":  func(m *dns.Msg) *dns.Msg { return s.overQUIC(m, config) },
		"gRPC": func(m *dns.Msg) *dns.Msg { return s.overGRPC(m, config) },
	}
}

// Every transport gives every answer in every state.
func TestTransportsInStates(t *testing.T) {
	t.Parallel()
	s := prepareStates(t)
	a := newAuthority(t, s.vars["dir"])
	a.sign("server", time.Hour, "dns.example.org")
	config := &tls.Config{RootCAs: a.pool(), ServerName: "dns.example.org"}
	s.serve(strings.Replace(everyListener, "RECORDS", s.records("zone.test."), 1))
	for i, st := range states {
		s.enters(st, 1, recordsOfStates) // the series of a block exist once, however many listeners it has
		for name := range s.transports(config) {
			t.Run(fmt.Sprintf("%d %s/%s", i, st.name, name), func(t *testing.T) {
				h := &neighbourhood{statesStory: s.within(t)}
				h.ask = h.transports(config)[name]
				h.answers(new(neighbour), "zone.test.", st)
			})
		}
	}
}
