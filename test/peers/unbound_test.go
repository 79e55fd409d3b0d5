package peers

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck/probe"
)

// authoritative is the configuration of an unbound that has answers itself, at a port and at one for TLS.
const authoritative = `
server:
  chroot: ""
  username: ""
  pidfile: ""
  directory: "/"
  use-syslog: no
  do-daemonize: no
  module-config: "iterator"
  interface: 127.0.0.1@%d
  interface: 127.0.0.1@%d
  tls-port: %d
  tls-service-pem: %s
  tls-service-key: %s
  local-zone: "example.test." static
  local-data: "example.test. 300 SOA ns.example.test. host.example.test. 1 2 3 4 300"
  local-data: "app.example.test. 300 A 192.0.2.1"
%s
  local-zone: "refused.test." refuse
remote-control:
  control-enable: no
`

// A resolver is asked by UDP, TCP and TLS.
func TestUnbound(t *testing.T) {
	path := find(t, "unbound")
	port, tlsPort := vacant(t), vacant(t)
	cert, key := selfSigned(t, "dns.example.test")
	var many strings.Builder
	for i := range 40 {
		fmt.Fprintf(&many, "  local-data: \"many.example.test. 300 A 192.0.2.%d\"\n", i+1)
	}
	config := write(t, filepath.Join(dir(t), "config"), fmt.Sprintf(authoritative, port, tlsPort, tlsPort, cert, key, many.String()))
	start(t, path, "-d", "-c", config)
	query := func(name string, change func(*probe.DNS)) probe.DNS {
		c := probe.DNS{
			Target: probe.Target{Port: port}, Name: name, RRType: dns.TypeA, RCodes: "NOERROR", Transport: "udp",
		}
		change(&c)
		return c
	}
	plain := func(*probe.DNS) {}
	tcp := func(c *probe.DNS) { c.Transport = "tcp" }
	eventually(t, query("app.example.test.", plain), "")
	wants(t, query("app.example.test.", tcp), "")
	wants(t, query("app.example.test.", func(c *probe.DNS) { c.RRType = dns.TypeTXT }), "")
	wants(t, query("app.example.test.", func(c *probe.DNS) { c.Answer = `^app\.example\.test\. 300 IN A 192\.0\.2\.1$` }), "")
	wants(t, query("app.example.test.", func(c *probe.DNS) { c.Answer = `192\.0\.2\.2` }), "no record of the answer matches")
	wants(t, query("no.example.test.", plain), "rcode NXDOMAIN, expected NOERROR")
	wants(t, query("no.example.test.", func(c *probe.DNS) { c.RCodes = "NXDOMAIN" }), "")
	wants(t, query("refused.test.", tcp), "rcode REFUSED, expected NOERROR")

	// 40 addresses do not fit into a datagram.
	wants(t, query("many.example.test.", plain), "")
	wants(t, query("many.example.test.", func(c *probe.DNS) { c.Answer = `192\.0\.2\.40$` }), "")
	wants(t, query("many.example.test.", func(c *probe.DNS) { c.Answer = `192\.0\.2\.41$` }), "no record of the answer matches")

	overTLS := func(o probe.TLSOptions) probe.DNS {
		return query("app.example.test.", func(c *probe.DNS) { c.Transport, c.Target.Port, c.TLSOptions = "tls", tlsPort, o })
	}
	wants(t, overTLS(probe.TLSOptions{CA: cert, ServerName: "dns.example.test"}), "")
	wants(t, overTLS(probe.TLSOptions{CA: cert, ServerName: "app.example.test"}), "TLS handshake: x509: certificate is valid for")
	wants(t, overTLS(probe.TLSOptions{ServerName: "dns.example.test"}), "TLS handshake: x509: certificate signed by unknown")
	wants(t, overTLS(probe.TLSOptions{Insecure: true}), "")
}

// A resolver refuses clients that it does not serve with a header alone, without the question.
func TestUnboundThatRefusesUs(t *testing.T) {
	path := find(t, "unbound")
	port := vacant(t)
	start(t, path, "-d", "-c", write(t, filepath.Join(dir(t), "config"), fmt.Sprintf(`
server:
  chroot: ""
  username: ""
  pidfile: ""
  directory: "/"
  use-syslog: no
  do-daemonize: no
  module-config: "iterator"
  interface: 127.0.0.1@%d
  access-control: 127.0.0.0/8 refuse
remote-control:
  control-enable: no
`, port)))
	for _, transport := range []string{"udp", "tcp"} {
		c := probe.DNS{
			Target: probe.Target{Port: port}, Name: "app.example.test.", RRType: dns.TypeA, RCodes: "NOERROR", Transport: transport,
		}
		eventually(t, c, "rcode REFUSED, expected NOERROR")
		c.RCodes = "NOERROR,REFUSED"
		wants(t, c, "")
	}
}
