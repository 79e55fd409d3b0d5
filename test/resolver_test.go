package test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/miekg/dns"
)

// A resolver is an unbound that queries a server for some zones, validates, and caches
// nothing.
type resolver struct {
	*testing.T
	addr string
}

// newResolver starts a resolver that trusts the keys of the zones.
func newResolver(s *server, keys map[string]*dns.DNSKEY) *resolver {
	s.Helper()
	path, err := exec.LookPath("unbound")
	if err != nil {
		path = "/usr/sbin/unbound" // not in the PATH of users
		if _, err := os.Stat(path); err != nil {
			s.Skipf("unbound is not installed: %v", err)
		}
	}
	ip := loopback()
	port := freePort(s.T, ip)
	var config strings.Builder
	fmt.Fprintf(&config, resolverConfig, ip, port)
	for _, key := range keys {
		fmt.Fprintf(&config, "server:\n  trust-anchor: \"%s\"\n", strings.ReplaceAll(key.String(), "\t", " "))
	}
	for zone := range keys {
		fmt.Fprintf(&config, "stub-zone:\n  name: %s\n  stub-addr: %s@%s\n", zone, s.vars["ip"], s.vars["dns"])
	}
	out := new(output)
	cmd := exec.Command(path, "-d", "-c", s.write("unbound", config.String()))
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() {
		if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			s.Error(err)
		}
		cmd.Wait()
		if s.Failed() {
			s.Logf("unbound said:\n%s", indent(out.tail()))
		}
	})
	eventually(s.T, "unbound starts", func() bool { return out.count("start of service") > 0 })
	return &resolver{s.T, ip + ":" + port}
}

const resolverConfig = `
server:
  interface: %s@%s
  chroot: ""
  username: ""
  pidfile: ""
  directory: "/"
  use-syslog: no
  do-daemonize: no
  num-threads: 1
  module-config: "validator iterator"
  do-not-query-localhost: no
  local-zone: "test." nodefault
  cache-max-ttl: 0
  cache-max-negative-ttl: 0
  val-log-level: 2
  # The types that dnssec says exist at a denied one's name are without HTTPS, MX and more.
  aggressive-nsec: no
remote-control:
  control-enable: no
`

// validated returns the answer of the resolver as words does, with INSECURE in front if it is
// not validated.
func (r *resolver) validated(s *server, name, qtype string) string {
	s.Helper()
	q := question(name, qtype)
	q.SetEdns0(4096, true)
	m := s.exchange(&dns.Client{UDPSize: 4096}, q, r.addr)
	m.Ns = nil
	said := words(strings.NewReplacer("RRSIG", "", `"`, "").Replace(short(m)))
	if !m.AuthenticatedData && m.Rcode != dns.RcodeServerFailure {
		return "INSECURE " + said
	}
	return said
}
