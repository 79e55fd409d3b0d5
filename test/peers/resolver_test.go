package peers

import (
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/miekg/dns"
)

// A nameServer is the name server of the host. It has some addresses for one name.
type nameServer struct {
	rcode  atomic.Int32
	silent atomic.Bool
	addrs  atomic.Value // the addresses as a string
	hits   atomic.Int64
}

func (n *nameServer) ServeDNS(w dns.ResponseWriter, r *dns.Msg) {
	n.hits.Add(1)
	m := new(dns.Msg)
	m.SetRcode(r, int(n.rcode.Load()))
	q := r.Question[0]
	switch {
	case n.silent.Load():
		return
	case q.Name != "web.example.net.":
		m.Rcode = dns.RcodeNameError
	case m.Rcode == dns.RcodeSuccess && q.Qtype == dns.TypeA:
		for _, addr := range strings.Fields(n.addrs.Load().(string)) {
			rr, _ := dns.NewRR(q.Name + " 1 A " + addr)
			m.Answer = append(m.Answer, rr)
		}
	}
	w.WriteMsg(m)
}

// serveHost makes a handler the name server at 127.0.0.53.
func serveHost(t *testing.T, h dns.Handler) {
	t.Helper()
	for _, network := range []string{"udp", "tcp"} {
		listening := make(chan struct{})
		s := &dns.Server{Addr: "127.0.0.53:53", Net: network, Handler: h, NotifyStartedFunc: func() { close(listening) }}
		go s.ListenAndServe()
		<-listening
		t.Cleanup(func() { s.Shutdown() })
	}
}

// mounted returns a function that makes commands with these files as /etc/resolv.conf and /etc/hosts.
func mounted(resolv, hosts string) func(path string, args ...string) *exec.Cmd {
	return func(path string, args ...string) *exec.Cmd {
		mount := "mount --bind " + resolv + " /etc/resolv.conf; mount --bind " + hosts + ` /etc/hosts; exec "$@"`
		cmd := command("unshare", append([]string{"-m", "sh", "-ec", mount, "sh", path}, args...)...)
		cmd.SysProcAttr.Credential = nil // only root of the namespace can mount
		return cmd
	}
}

// Host names outside of the server block are looked up as by other programs of the host:
// in /etc/hosts, and at the servers of /etc/resolv.conf.
func TestResolverOfTheHost(t *testing.T) {
	if _, err := built(); err != nil {
		t.Fatal(err)
	}
	find(t, "unshare")
	if !inNamespace(t) {
		return
	}
	n := new(nameServer)
	n.addrs.Store("127.0.1.1 127.0.1.2")
	serveHost(t, n)
	d := dir(t)
	resolv := write(t, d+"/resolv.conf", "nameserver 127.0.0.53\nsearch wrong.test\noptions timeout:1 attempts:1\n")
	hosts := write(t, d+"/hosts", "127.0.1.2 hosted.example.net\n")
	all, port := sites(t, "127.0.1.1", "127.0.1.2", "127.0.1.3")
	start := func(host string) story {
		s := runServer(t, recordCorefile("app.example.org", "example.org", host, port, ""), mounted(resolv, hosts))
		return story{s, all[0], all[1], all[2]}
	}
	const name = "app.example.org"
	start("hosted.example.net").from(t, name, all[1])

	s := start("web.example.net")
	s.fails(t, name)
	n.addrs.Store("127.0.1.2")
	s.from(t, name, s.b)
	for _, fail := range []func(){
		func() { n.rcode.Store(dns.RcodeServerFailure) }, func() { n.rcode.Store(dns.RcodeNameError) },
		func() { n.rcode.Store(dns.RcodeSuccess); n.addrs.Store("") }, func() { n.silent.Store(true) },
	} {
		fail()
		hits := n.hits.Load()
		s.becomes(t, "asked again", func() string {
			if got := s.ask(name, "A"); got != "NOERROR A 127.0.1.2" {
				t.Fatalf("got %s", got)
			}
			if n.hits.Load() > hits+5 {
				return "asked again"
			}
			return "not asked"
		})
	}
	s.logged(t, "web.example.net. cannot be looked up, what is known of it stays: ")
	s.b.sick.Store(true)
	s.from(t, name, s.c)
	n.addrs.Store("127.0.1.1")
	n.silent.Store(false)
	s.from(t, name, s.a)
	s.logged(t, "web.example.net. can be looked up again")
}
