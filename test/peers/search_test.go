package peers

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"
)

// A zoneWithWildcard has a wildcard with 127.0.0.66 and other names with 127.0.0.1, and
// records the names that were queried.
type zoneWithWildcard struct {
	mu    sync.Mutex // guards the following
	asked []string
}

func (z *zoneWithWildcard) ServeDNS(w dns.ResponseWriter, r *dns.Msg) {
	q := r.Question[0]
	z.mu.Lock()
	z.asked = append(z.asked, q.Name)
	z.mu.Unlock()
	m := new(dns.Msg).SetReply(r)
	m.RecursionAvailable = true
	data := "127.0.0.1"
	if dns.IsSubDomain("wild.test.", q.Name) {
		data = "127.0.0.66"
	}
	if q.Qtype == dns.TypeA {
		rr, _ := dns.NewRR(q.Name + " 1 A " + data)
		m.Answer = append(m.Answer, rr)
	}
	w.WriteMsg(m)
}

// missing returns the names that were not queried.
func (z *zoneWithWildcard) missing(names []string) string {
	z.mu.Lock()
	defer z.mu.Unlock()
	return strings.Join(slices.DeleteFunc(slices.Clone(names), func(n string) bool { return slices.Contains(z.asked, n) }), " ")
}

// Names in checks are absolute, with a dot at the end or without: the search list of the host,
// which would find a wildcard, is not used.
func TestSearchList(t *testing.T) {
	if _, err := built(); err != nil {
		t.Fatal(err)
	}
	find(t, "unshare")
	if !inNamespace(t) {
		return
	}
	z := new(zoneWithWildcard)
	serveHost(t, z)
	d := dir(t)
	resolv := write(t, d+"/resolv.conf", "nameserver 127.0.0.53\nsearch wild.test\noptions ndots:5\n")
	go http.ListenAndServe("127.0.0.1:8080", http.RedirectHandler("http://redirect.site.test:8081/", http.StatusFound))
	runServer(t, `example.org:$port {
	failover {
		witness witness.site.test {
			check tcp :8080
		}
		record app.example.org. {
			primary host.site.test
			secondary 127.0.0.1
			check http http.site.test:8080/ {
				redirects 1
			}
			check https https.site.test.:8080
			check tcp tcp.site.test.:8080
			check tcp single:8080
			check tcp single-dot.:8080
			check tls tls.site.test:8080
			check grpc grpc.site.test:8080
			check udp udp.site.test:8080
			check dns dns.site.test:8080 example.org
			check prometheus http://prometheus.site.test:8080 up
		}
		record hosted.example.org. {
			primary 127.0.0.1
			check tcp hosted:8080
			check tcp hosted.site.test:8080
		}
	}
}
`, mounted(resolv, write(t, d+"/hosts", "127.0.0.1 hosted hosted.site.test\n")))
	names := []string{"single.", "single-dot."}
	for _, label := range strings.Fields("witness host http https tcp tls grpc udp dns prometheus redirect") {
		names = append(names, label+".site.test.")
	}
	s := server{}
	s.becomes(t, "", func() string { return z.missing(names) })
	z.mu.Lock()
	defer z.mu.Unlock()
	for _, name := range z.asked {
		if dns.IsSubDomain("wild.test.", name) || strings.HasPrefix(name, "hosted.") {
			t.Errorf("%s was queried", name)
		}
	}
}
