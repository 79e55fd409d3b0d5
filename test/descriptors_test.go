package test

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// More silent targets than there are descriptors still leave some descriptors for the
// clients of the server, and all of these targets go down.
func TestMoreTargetsThanDescriptors(t *testing.T) {
	t.Parallel()
	const targets = 200
	ips := loopbacks(targets)
	port := freePort(t, ips[0])
	for _, ip := range ips {
		l, err := net.Listen("tcp", net.JoinHostPort(ip, port)) // never accepts
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
	}
	s := prepare(t, vars{"addrs": strings.Join(ips, " "), "web": port})
	s.write("Corefile", `
		example.org:$dns {
			bind $ip
			prometheus $ip:$metrics
			health $ip:$health
			failover app.example.org {
				primary $addrs
				check http :$web {
					`+fast+`
				}
			}
		}`)
	s.launch("sh", "-c", deaf+`ulimit -n 60; exec "$@"`, "sh", binary, "-conf", "Corefile")
	serves := always(t, func() {
		if status, body := s.get("http://" + s.addr("health") + "/health"); status != http.StatusOK {
			t.Errorf("/health: %d %s", status, body)
		}
		s.exchange(&dns.Client{Net: "tcp"}, question("app.example.org", "AAAA"), s.addr("dns"))
	})
	becomes(t, "targets that are down", "all", func() string { return compareAll(s.log.count("unknown -> down"), targets) })
	serves()
	if n := s.number("coredns_failover_probes_delayed_total"); n == 0 {
		t.Error("no probe was delayed")
	}
	if n := s.log.count("open files of this process"); n != 1 {
		t.Errorf("the log says %d times that probes wait", n)
	}
	s.reload("# nobody is checked any more\n" + `
		example.org:$dns {
			bind $ip
			prometheus $ip:$metrics
			health $ip:$health
		}`)
}

func compareAll(n, all int) string {
	if n == all {
		return "all"
	}
	return fmt.Sprintf("%d of %d", n, all)
}
