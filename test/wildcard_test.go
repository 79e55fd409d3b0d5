package test

import (
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// A wildcard beside each plugin that knows all of its zone.
const wildcardCorefile = `
	example.org:$port {
		bind $ip
		failover {
			check none
			record * {
				primary 192.0.2.1
			}
			record *.own {
				primary origin.own.example.org
			}
			record *.looped {
				primary origin.looped.example.org
				secondary 192.0.2.2
			}
			record *.cdn {
				primary cdn.example.net {
					as cname
				}
			}
		}
		PLUGIN
	}`

const wildcardZone = zoneFile + `
mail MX 10 mail
sub NS ns.sub
ns.sub A 127.0.0.54
_acme-challenge.shop TXT token
dev.cdn TXT t
origin.own A 192.0.2.9
`

// A wildcard does not hide names of the zone, whatever the type.
func TestWildcardBesideZone(t *testing.T) {
	t.Parallel()
	s := prepare(t, nil)
	s.vars["zone"] = s.write("db.example.org", wildcardZone)
	block := func(port, plugins string) string {
		return strings.NewReplacer("$port", "$"+port, "PLUGIN", plugins).Replace(wildcardCorefile) + "\n"
	}
	s.serve(block("file", "file $zone {\nreload 100ms\n}") +
		block("auto", "auto {\ndirectory $dir\nreload 100ms\n}") +
		block("secondary", "secondary {\ntransfer from $ip:$main\n}") +
		"example.org:$main {\nbind $ip\nfile $zone {\nreload 100ms\n}\ntransfer {\nto *\n}\n}")
	for _, port := range []string{"file", "auto", "secondary"} {
		ask := func(name, qtype string) string {
			return short(s.exchange(new(dns.Client), question(name+".example.org", qtype), s.addr(port)))
		}
		becomes(t, port+": the zone's name server", "A 127.0.0.53 NS", func() string { return ask("ns", "A") })
		becomes(t, port+": a wildcard that leads to a name of the zone", "A 192.0.2.9", func() string { return ask("www.own", "A") })
		for query, want := range map[string]string{
			"free A":                   "A 192.0.2.1",
			"a.free A":                 "A 192.0.2.1",
			"shop A":                   "A 192.0.2.1",
			"_acme-challenge.shop TXT": `TXT "token" NS`,
			"www.shop A":               "NXDOMAIN SOA",
			"mail A":                   "NODATA SOA",
			"x.mail A":                 "NXDOMAIN SOA",
			"ns AAAA":                  "NODATA SOA",
			"sub A":                    "NODATA NS",
			"x.sub TXT":                "NODATA NS",
			"ns.sub A":                 "NODATA NS",
			"dev.cdn TXT":              `TXT "t" NS`,
			"dev.cdn A":                "NODATA SOA",
			"x.cdn CNAME":              "CNAME cdn.example.net.",
			"www.looped A":             "A 192.0.2.2",
			"new A":                    "A 192.0.2.1",
			"new MX":                   "NODATA SOA",
		} {
			name, qtype, _ := strings.Cut(query, " ")
			if got := ask(name, qtype); got != want {
				t.Errorf("%s: %s: got %q, want %q", port, query, got, want)
			}
		}
	}
	s.write("db.example.org", strings.Replace(wildcardZone, " 7 ", " 8 ", 1)+"new TXT t\n")
	for _, port := range []string{"file", "auto"} { // secondary gets no notify, and waits for its refresh
		becomes(t, port+": a name that is new", "NODATA SOA", func() string {
			return short(s.exchange(new(dns.Client), question("new.example.org", "A"), s.addr(port)))
		})
	}
}
