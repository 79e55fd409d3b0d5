package test

import (
	"strings"
	"testing"

	"github.com/miekg/dns"
)

const cnameCorefile = `
	example.org:$dns {
		bind $ip
		failover app.example.org {
			primary next
			secondary $target {
				as cname
				check none
			}
			check file $file {
				interval 100ms
				fall 1
				rise 1
			}
		}
		file $zone
	}`

const cnameZone = `
app A 127.9.9.9
app HTTPS 1 . alpn=h2 ipv4hint=127.9.9.9
app2 HTTPS 1 app ipv4hint=127.9.9.9 ipv6hint=2001:db8::9
www CNAME app
_x._tcp SRV 1 2 80 app
@ MX 10 app
cdn A 127.8.8.8
cdn AAAA 2001:db8::8
`

// Records that point to a name that is answered with a CNAME now come with the
// addresses of the CNAME's target, not with those that the next plugins have for the
// name. No TTL is above that of the record.
func TestNamesThatPointToACNAME(t *testing.T) {
	t.Parallel()
	const toCDN = " / CNAME cdn.example.org. A 127.8.8.8 AAAA 2001:db8::8"
	tests := []struct {
		target string
		want   map[string]string // what follows the slash are additional records
	}{
		{"cdn.example.org", map[string]string{
			"www.example.org A":       "CNAME app.example.org. CNAME cdn.example.org. A 127.8.8.8 NS /",
			"www.example.org AAAA":    "CNAME app.example.org. CNAME cdn.example.org. AAAA 2001:db8::8 NS /",
			"app2.example.org HTTPS":  `HTTPS 1 app.example.org. ipv4hint="127.8.8.8" ipv6hint="2001:db8::8" NS` + toCDN,
			"_x._tcp.example.org SRV": "SRV 1 2 80 app.example.org. NS" + toCDN,
			"example.org MX":          "MX 10 app.example.org. NS" + toCDN,
		}},
		{"cdn.elsewhere.test", map[string]string{
			"www.example.org A":       "CNAME app.example.org. CNAME cdn.elsewhere.test. /",
			"app2.example.org HTTPS":  "HTTPS 1 app.example.org. NS / CNAME cdn.elsewhere.test.",
			"_x._tcp.example.org SRV": "SRV 1 2 80 app.example.org. NS / CNAME cdn.elsewhere.test.",
		}},
	}
	for _, tc := range tests {
		t.Run(tc.target, func(t *testing.T) {
			s := prepare(t, vars{"target": tc.target})
			s.vars["zone"] = s.write("zone", zoneFile+cnameZone)
			s.vars["file"] = s.write("file", "down\n")
			s.serve(cnameCorefile)
			eventually(t, "the CNAME is answered", func() bool { return strings.HasPrefix(s.ask("app.example.org", "CNAME"), "CNAME "+tc.target) })
			for query, want := range tc.want {
				name, qtype, _ := strings.Cut(query, " ")
				m := s.query(name, qtype)
				if got := strings.TrimSpace(short(m) + " / " + strings.Join(data(m.Extra), " ")); got != want {
					t.Errorf("%s: got %s, want %s", query, got, want)
				}
				for _, rr := range append(m.Answer, m.Extra...) {
					if rr.Header().Ttl > 5 && rr.Header().Rrtype != dns.TypeOPT {
						t.Errorf("%s: a TTL is above that of the record: %s", query, rr)
					}
				}
			}
		})
	}
}
