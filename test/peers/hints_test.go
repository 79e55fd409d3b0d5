package peers

import (
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const hintedZone = `$ORIGIN example.org.
$TTL 3600
@ SOA ns hostmaster 1 2 3 4 300
@ NS app
@ MX 10 app
app HTTPS 1 . alpn=h2 ipv4hint=192.0.2.9 ipv6hint=2001:db8::9
www HTTPS 0 app
svc SVCB 1 app mandatory=alpn,ipv6hint alpn=h2 port=8443 ipv6hint=2001:db8::9
_web._tcp SRV 1 2 80 app
`

// links are queries whose answers point to the record, and the output of kdig and dig, which
// is the same; $V4 and $V6 stand for the present addresses.
var links = []struct{ query, both, four string }{
	{query: "app.example.org HTTPS",
		both: "5 IN HTTPS 1 . alpn=h2 ipv4hint=$V4 ipv6hint=$V6", four: "5 IN HTTPS 1 . alpn=h2 ipv4hint=$V4"},
	{query: "svc.example.org SVCB",
		both: "5 IN SVCB 1 app.example.org. mandatory=alpn,ipv6hint alpn=h2 port=8443 ipv4hint=$V4 ipv6hint=$V6",
		four: "5 IN SVCB 1 app.example.org. mandatory=alpn alpn=h2 port=8443 ipv4hint=$V4"},
	{query: "www.example.org HTTPS",
		both: "3600 IN HTTPS 0 app.example.org.", four: "3600 IN HTTPS 0 app.example.org."},
	{query: "_web._tcp.example.org SRV",
		both: "5 IN SRV 1 2 80 app.example.org.|5 IN A $V4|5 IN AAAA $V6", four: "5 IN SRV 1 2 80 app.example.org.|5 IN A $V4"},
	{query: "example.org MX",
		both: "5 IN MX 10 app.example.org.|5 IN A $V4|5 IN AAAA $V6", four: "5 IN MX 10 app.example.org.|5 IN A $V4"},
	{query: "example.org NS",
		both: "5 IN NS app.example.org.|5 IN A $V4|5 IN AAAA $V6", four: "5 IN NS app.example.org.|5 IN A $V4"},
}

// Two clients that parse strictly get the same addresses from all answers that point to a
// record, before and after a failover and without a family.
func TestLinksByClients(t *testing.T) {
	clients := []string{find(t, "kdig"), find(t, "dig")}
	all, port := sites(t, "127.0.1.1", "127.0.1.2", "127.0.1.3", "127.0.1.4")
	d := dir(t)
	s := startServer(t, `example.org:$port {
	bind 127.0.0.1
	failover app.example.org {
		primary {
			endpoint 127.0.1.1
			endpoint 2001:db8::1 probe 127.0.1.2
		}
		secondary {
			endpoint 127.0.1.3
			endpoint 2001:db8::3 probe 127.0.1.4
		}
		check http :`+port+` {
			interval 500ms
			timeout 500ms
			fast_interval 20ms
			fall 4
			rise 2
			damping off
		}
	}
	file `+write(t, d+"/zone", hintedZone)+`
}`)
	said := func(v4, v6 string) {
		t.Helper()
		s.answers(t, "app.example.org", "A", strings.TrimSuffix("NOERROR A "+v4, " A "))
		s.answers(t, "app.example.org", "AAAA", strings.TrimSuffix("NOERROR AAAA "+v6, " AAAA "))
		for _, l := range links {
			want := l.both
			if v6 == "" {
				want = l.four
			}
			want = strings.NewReplacer("$V4", v4, "$V6", v6).Replace(want)
			for _, client := range clients {
				if got := s.client(t, client, l.query); got != want {
					t.Errorf("%s %s:\ngot  %s\nwant %s", client, l.query, got, want)
				}
			}
		}
	}
	said("127.0.1.1", "2001:db8::1")
	all[1].sick.Store(true)
	said("127.0.1.1", "")
	all[0].sick.Store(true)
	said("127.0.1.3", "2001:db8::3")
	all[3].sick.Store(true)
	said("127.0.1.3", "")
	all[3].sick.Store(false)
	all[1].sick.Store(false)
	all[0].sick.Store(false)
	said("127.0.1.1", "2001:db8::1")
}

var columns = regexp.MustCompile(`\s+`)

// client sends a query with a program and returns the records of the answer and additional
// sections without their owners. The program must print no warning.
func (s *server) client(t *testing.T, path, query string) string {
	t.Helper()
	addr, port, _ := strings.Cut(s.addr, ":")
	args := append([]string{"@" + addr, "-p", port, "+norec", "+nocomments", "+noauthority"}, strings.Fields(query)...)
	out, err := exec.CommandContext(t.Context(), path, args...).CombinedOutput()
	if err != nil {
		t.Errorf("%s %s: %v\n%s", path, query, err, out)
	}
	var rrs []string
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSpace(line)
		if strings.Contains(strings.ToLower(line), "warning") {
			t.Errorf("%s %s: %s", path, query, line)
		}
		if line == "" || line[0] == ';' {
			continue
		}
		_, rest, _ := strings.Cut(columns.ReplaceAllString(line, " "), " ")
		rrs = append(rrs, strings.ReplaceAll(rest, `"`, ""))
	}
	slices.Sort(rrs[min(1, len(rrs)):])
	return strings.Join(rrs, "|")
}
