package test

import (
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Certificates are verified with the authorities of the system as soon as it has some.
// While it has none, a warning at the start says so, and probes are inconclusive. A
// shortage of descriptors does not count as a lack of authorities.
func TestAuthorities(t *testing.T) {
	t.Parallel()
	const targets = 200
	ca := newAuthority(t, t.TempDir())
	web := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	web.TLS = &tls.Config{Certificates: []tls.Certificate{ca.sign("app", time.Hour, "app.example.org")}}
	web.Config.ErrorLog = log.New(io.Discard, "", 0) // of probes that could not verify
	web.StartTLS()
	t.Cleanup(web.Close)
	s := prepare(t, vars{"addrs": strings.Join(loopbacks(targets), " "), "web": strings.TrimPrefix(web.URL, "https://")})
	s.write("Corefile", `
		example.org:$dns {
			bind $ip
			prometheus $ip:$metrics
			failover app.example.org {
				primary $addrs
				check https $web {
					host app.example.org
					interval 5s
					timeout 5s
				}
			}
		}`)
	s.launch("sh", "-c", deaf+`ulimit -n 40; SSL_CERT_FILE=$PWD/trusted SSL_CERT_DIR=$PWD/none exec "$@"`, "sh", binary, "-conf", "Corefile")
	s.waitFor("[WARNING] plugin/failover: Checks that verify certificates with the authorities of this system are inconclusive")
	eventually(t, "every target is probed", func() bool {
		return s.counted(`coredns_failover_probes_total{result="unknown",type="https"}`) >= targets
	})
	if n := s.log.count("->"); n > 0 {
		t.Errorf("%d checks have a result, want none", n)
	}
	pem, err := os.ReadFile(filepath.Join(ca.dir, "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	s.write("trusted", string(pem))
	becomes(t, "checks that are up", "all", func() string { return compareAll(s.log.count("unknown -> up"), targets) })
	if n := s.log.count("down"); n > 0 {
		t.Errorf("%d lines of the log say that something is down", n)
	}
}

// loopbacks returns addresses that no other test uses.
func loopbacks(n int) []string {
	ips := make([]string, n)
	for i := range ips {
		ips[i] = loopback()
	}
	return ips
}
