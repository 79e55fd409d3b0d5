package test

import (
	"strings"
	"testing"
)

const svcParamsCorefile = `
	example.org:$dns {
		bind $ip
		failover {
			ttl 7
			all_down next
			check file $state {
				interval 50ms
				fast_interval 20ms
				fall 1
				rise 1
			}
			record app {
				primary 127.0.0.1
				secondary 127.0.0.2
				pool third 127.0.0.3 {
					svc_params alpn=h3 port=8443 ech=BBBB no-default-alpn
				}
				pool fourth 127.0.0.4 {
					svc_params alpn= port=
				}
			}
		}
		file $zone
	}`

const svcParamsZone = zoneFile + `
app A 192.0.2.9
app MX 10 app
app HTTPS 1 . mandatory=alpn alpn=h2 port=443 ipv4hint=203.0.113.1 ech=AAAA
www HTTPS 1 app alpn=h2 ech=AAAA
to CNAME app
alias HTTPS 0 app
mail MX 10 app
`

// HTTPS answers have the parameters and hints of the active pool.
func TestSvcParams(t *testing.T) {
	t.Parallel()
	s := prepare(t, nil)
	s.vars["zone"] = s.write("zone", svcParamsZone)
	up := func(addrs ...string) {
		s.vars["state"] = s.write("state", strings.Join(addrs, " up\n")+" up\n")
	}
	up("127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4")
	s.serve(svcParamsCorefile)
	for _, tc := range []struct {
		up          []string
		a, app, www string
		mail        string
	}{
		{[]string{"127.0.0.1", "127.0.0.2"}, "A 127.0.0.1",
			`HTTPS 1 . mandatory="alpn" alpn="h2" port="443" ipv4hint="127.0.0.1" ech="AAAA" NS`,
			`HTTPS 1 app.example.org. alpn="h2" ipv4hint="127.0.0.1" ech="AAAA" NS`, "127.0.0.1"},
		{[]string{"127.0.0.2", "127.0.0.3"}, "A 127.0.0.2",
			`HTTPS 1 . mandatory="alpn" alpn="h2" port="443" ipv4hint="127.0.0.2" NS`,
			`HTTPS 1 app.example.org. alpn="h2" ipv4hint="127.0.0.2" NS`, "127.0.0.2"},
		{[]string{"127.0.0.3"}, "A 127.0.0.3",
			`HTTPS 1 . mandatory="alpn" alpn="h3" no-default-alpn="" port="8443" ipv4hint="127.0.0.3" ech="BBBB" NS`,
			`HTTPS 1 app.example.org. alpn="h3" no-default-alpn="" port="8443" ipv4hint="127.0.0.3" ech="BBBB" NS`, "127.0.0.3"},
		{[]string{"127.0.0.4"}, "A 127.0.0.4",
			`HTTPS 1 . ipv4hint="127.0.0.4" NS`, `HTTPS 1 app.example.org. ipv4hint="127.0.0.4" NS`, "127.0.0.4"},
		{[]string{"nothing"}, "A 192.0.2.9 NS",
			`HTTPS 1 . mandatory="alpn" alpn="h2" port="443" ipv4hint="192.0.2.9" NS`,
			`HTTPS 1 app.example.org. alpn="h2" ipv4hint="192.0.2.9" NS`, "192.0.2.9"},
	} {
		up(tc.up...)
		becomes(t, "A", tc.a, func() string { return s.ask("app.example.org", "A") })
		for query, want := range map[string]string{
			"app HTTPS":   tc.app,
			"www HTTPS":   tc.www,
			"alias HTTPS": "HTTPS 0 app.example.org. NS",
			"app ANY":     strings.TrimSuffix(tc.a, " NS"),
			"mail MX":     "MX 10 app.example.org. NS",
			"app MX":      "MX 10 app.example.org. NS",
			"to A":        "CNAME app.example.org. " + tc.a,
		} {
			name, qtype, _ := strings.Cut(query, " ")
			m := s.query(name+".example.org", qtype)
			if got := short(m); strings.TrimSuffix(got, " NS") != strings.TrimSuffix(want, " NS") {
				t.Errorf("%v up: %s: got %s, want %s", tc.up, query, got, want)
			}
			for _, rr := range append(m.Answer, m.Ns...) {
				if rr.Header().Ttl > 7 && name != "alias" {
					t.Errorf("%v up: %s: a TTL is above that of the record: %s", tc.up, query, rr)
				}
			}
			if extra := strings.Join(data(m.Extra), " "); qtype == "MX" && !strings.Contains(extra, tc.mail) {
				t.Errorf("%v up: %s: the additional section has %s", tc.up, query, extra)
			}
		}
	}
}
