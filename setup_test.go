package failover

import (
	"errors"
	"fmt"
	golog "log"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
	"weak"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"
	clog "github.com/coredns/coredns/plugin/pkg/log"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/lifecycle"
	"github.com/coredns-failover/failover/plugin/serve"
	"github.com/coredns-failover/failover/test/kit"
)

// Two plugins around failover have hooks that fail on demand: Caddy runs the hooks of a
// restart in the order of the directives.
func TestMain(m *testing.M) {
	clog.Discard()
	caddy.Quiet, dnsserver.Quiet = true, true
	for _, name := range []string{"faulty_before", "faulty_after"} {
		plugin.Register(name, func(c *caddy.Controller) error {
			c.Next()
			for c.NextArg() {
				switch c.Val() {
				case "start":
					c.OnStartup(func() error { return errors.New("cannot start") })
				case "stop":
					c.OnShutdown(func() error { return errors.New("cannot stop") })
				}
			}
			return nil
		})
	}
	if err := dnsserver.SetDirectives([]string{"faulty_before", "failover", "faulty_after"}); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

func input(corefile string) caddy.Input {
	return caddy.CaddyfileInput{Filepath: "Corefile", Contents: []byte(corefile), ServerTypeName: "dns"}
}

// A server is CoreDNS in this process.
type server struct {
	t    testing.TB
	inst *caddy.Instance
}

func start(t testing.TB, corefile string) *server {
	t.Helper()
	inst, err := caddy.Start(input(corefile))
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t, inst}
	t.Cleanup(func() {
		s.inst.ShutdownCallbacks()
		s.inst.Stop()
		eventually(t, "no checker runs", func() bool { return registry.Len() == 0 })
	})
	return s
}

// reload restarts the server and returns what caddy says of it.
func (s *server) reload(corefile string) error {
	inst, err := s.inst.Restart(input(corefile))
	if err == nil {
		s.inst = inst
	}
	return err
}

// serves waits until the server answers on both transports: a server that is stopped
// before its goroutines have started leaks them.
func (s *server) serves() {
	s.t.Helper()
	m := new(dns.Msg).SetQuestion("example.com.", dns.TypeA)
	l := s.inst.Servers()[0]
	for network, addr := range map[string]net.Addr{"udp": l.LocalAddr(), "tcp": l.Addr()} {
		if _, _, err := (&dns.Client{Net: network}).Exchange(m, addr.String()); err != nil {
			s.t.Fatal(err)
		}
	}
}

// a returns the addresses that the server answers for a name, or the rcode.
func (s *server) a(qname string) string {
	s.t.Helper()
	m := new(dns.Msg).SetQuestion(qname, dns.TypeA)
	r, err := dns.Exchange(m, s.inst.Servers()[0].LocalAddr().String())
	if err != nil {
		return err.Error()
	}
	if len(r.Answer) == 0 {
		return dns.RcodeToString[r.Rcode]
	}
	var addrs []string
	for _, rr := range r.Answer {
		addrs = append(addrs, dns.Field(rr, 1))
	}
	return strings.Join(addrs, " ")
}

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not in a minute: %s", what)
		}
	}
}

// target listens on an address for probes, and returns its port.
func target(t testing.TB, host string) (port int, l net.Listener) {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	return l.Addr().(*net.TCPAddr).Port, l
}

const fast = "interval 50ms\n fast_interval 20ms\n fall 2\n rise 2\n jitter 0%"

// site returns a Corefile with a record, whose primary is 127.0.0.1 and whose secondary
// is 127.0.0.2, both checked at port, and with other directives.
func site(record string, port int, others ...string) string {
	return fmt.Sprintf(".:0 {\n failover %s {\n primary 127.0.0.1\n secondary 127.0.0.2\n"+
		"check tcp :%d {\n%s\n}\n}\n%s\n}\n", record, port, fast, strings.Join(others, "\n"))
}

const (
	app   = "app.example.org"
	other = "other.example.org"
)

// views returns the pool and the state of each record that is served.
func views() (s []string) {
	for _, b := range process.Blocks() {
		for _, rec := range b.Records() {
			v := rec.View()
			s = append(s, fmt.Sprintf("%s %s", rec.PoolName(v.Pool), v.State))
		}
	}
	return s
}

// isActive returns a function that reports whether want is what views returns.
func isActive(want string) func() bool {
	return func() bool { return fmt.Sprint(views()) == "["+want+"]" }
}

func TestFailoverAndBack(t *testing.T) {
	port, l := target(t, "127.0.0.1")
	s := start(t, site(app, port))
	if got := s.a("app.example.org."); got != "127.0.0.1" {
		t.Errorf("at the start: %s", got)
	}
	l.Close()
	// The secondary does not listen either: then the primary is served, degraded.
	eventually(t, "all is down", isActive("none degraded"))
	if got := s.a("app.example.org."); got != "127.0.0.1" {
		t.Errorf("all down: %s", got)
	}
	l2, err := net.Listen("tcp", fmt.Sprintf("127.0.0.2:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	defer l2.Close()
	eventually(t, "the secondary answers", isActive("secondary failed_over"))
	if got := s.a("app.example.org."); got != "127.0.0.2" {
		t.Errorf("failed over: %s", got)
	}
	l1, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	defer l1.Close()
	eventually(t, "the primary answers again", isActive("primary ok"))
	if got := s.a("app.example.org."); got != "127.0.0.1" {
		t.Errorf("failed back: %s", got)
	}
}

// After any restart, good or failed, only the generation that serves is checked.
func TestRestarts(t *testing.T) {
	port, _ := target(t, "127.0.0.2")
	taken, _ := target(t, "127.0.0.1")
	tests := []struct {
		name     string
		before   string // a directive of the Corefile that runs
		reload   string
		fails    bool
		newLives bool
	}{
		{"a good one", "", site(other, port), false, true},
		{"to the same", "", site(app, port), false, true},
		{"an unknown directive", "", site(other, port, "unknown"), true, false},
		{"a wrong failover block", "", site(other, port, "failover x.example.org"), true, false},
		{"another before us cannot start", "", site(other, port, "faulty_before start"), true, false},
		{"another after us cannot start", "", site(other, port, "faulty_after start"), true, false},
		{"a listener cannot", "", site(other, port) + fmt.Sprintf("example.net:%d {\nfaulty_after\n}", taken), true, false},
		{"another before us cannot stop", "faulty_before stop", site(other, port), true, true},
		{"another after us cannot stop", "faulty_after stop", site(other, port), true, true},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			s := start(t, site(app, port, tc.before))
			eventually(t, "the secondary answers", isActive("secondary failed_over"))
			before := s.inst
			if err := s.reload(tc.reload); (err != nil) != tc.fails {
				t.Fatalf("reload: %v", err)
			}
			alive := caddy.Instances()
			if len(alive) != 1 || (alive[0] != before) != tc.newLives {
				t.Fatalf("%d instances live, a new one: %v", len(alive), alive[0] != before)
			}
			s.inst = alive[0]
			if n := registry.Len(); n != 2 {
				t.Errorf("%d checkers run, want 2", n)
			}
			if got := fmt.Sprint(views()); got != "[secondary failed_over]" {
				t.Errorf("served: %s", got)
			}
			name := map[bool]string{true: other, false: app}[tc.newLives]
			if tc.name == "to the same" {
				name = app
			}
			if got := s.a(name + "."); got != "127.0.0.2" {
				t.Errorf("%s is %s", name, got)
			}
		})
	}
}

// A changed check starts with the state of the old one.
func TestChangedCheckKeepsTheState(t *testing.T) {
	port, _ := target(t, "127.0.0.2")
	s := start(t, site(app, port))
	eventually(t, "the secondary answers", isActive("secondary failed_over"))
	if err := s.reload(strings.Replace(site(app, port), "rise 2", "rise 3", 1)); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(views()); got != "[secondary failed_over]" {
		t.Errorf("after the reload: %s", got)
	}
}

// A reload does not log again that a record is degraded, as nothing has changed.
func TestReloadWhileDegraded(t *testing.T) {
	var out kit.Buffer
	golog.SetOutput(&out)
	defer clog.Discard()
	port, l := target(t, "127.0.0.2")
	l.Close()
	s := start(t, site(app, port))
	eventually(t, "the record is degraded", isActive("none degraded"))
	for range 3 {
		if err := s.reload(site(app, port)); err != nil {
			t.Fatal(err)
		}
	}
	if text := out.String(); strings.Count(text, "is degraded") != 1 {
		t.Errorf("logged:\n%s", text)
	}
}

// Two server blocks on one listener with the same record keep their own states.
func TestServerBlocksKeepTheirState(t *testing.T) {
	port, _ := target(t, "127.0.0.2")
	other := fmt.Sprintf("org:0 {\n failover %s {\n pool x 127.0.0.3\n check none\n}\n}\n", app)
	s := start(t, site(app, port)+other)
	eventually(t, "the secondary answers", isActive("secondary failed_over x ok"))
	if err := s.reload(strings.Replace(site(app, port), "rise 2", "rise 3", 1) + other); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(views()); got != "[secondary failed_over x ok]" {
		t.Errorf("after the reload: %s", got)
	}
}

// A thousand reloads of all kinds leak no goroutine and no descriptor.
func TestReloadStorm(t *testing.T) {
	reloads := 1000
	if testing.Short() {
		reloads = 100
	}
	port, _ := target(t, "127.0.0.2")
	s := start(t, site(app, port))
	eventually(t, "the secondary answers", isActive("secondary failed_over"))
	goroutines, descriptors := runtime.NumGoroutine(), countDescriptors(t)
	for i := range reloads {
		switch i % 5 {
		case 0:
			s.reload(site(app, port, "unknown"))
		case 1:
			s.reload(site(app, port, "faulty_before start"))
		case 2:
			s.reload(site(other, port, "faulty_after start"))
		case 3:
			s.reload(site(other, port))
		case 4:
			s.reload(site(app, port))
		}
		s.serves()
		if got := fmt.Sprint(views()); got != "[secondary failed_over]" {
			t.Fatalf("after reload %d: %s", i, got)
		}
		if n := registry.Len(); n != 2 {
			t.Fatalf("%d checkers after reload %d, want 2", n, i)
		}
	}
	eventually(t, fmt.Sprintf("%d goroutines as before", goroutines), func() bool { return runtime.NumGoroutine() <= goroutines+2 })
	eventually(t, fmt.Sprintf("%d descriptors as before", descriptors), func() bool {
		runtime.GC() // caddy leaves copies of sockets of a failed restart to the collector
		return countDescriptors(t) <= descriptors+2
	})
}

func countDescriptors(t testing.TB) int {
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("counts descriptors in /proc/self/fd, which is not here")
	}
	return len(fds)
}

// Equal checks in two server blocks are one checker. Both blocks may have a record of
// the same name.
func TestServerBlocksShareCheckers(t *testing.T) {
	port, _ := target(t, "127.0.0.2")
	start(t, site(app, port)+strings.Replace(site(app, port), ".:0", "example.org:0", 1))
	eventually(t, "both blocks fail over", isActive("secondary failed_over secondary failed_over"))
	if n := registry.Len(); n != 2 {
		t.Errorf("%d checkers run, want 2", n)
	}
}

func TestReady(t *testing.T) {
	f := &Failover{}
	process = lifecycle.NewProcess[*serve.Block](registry)
	if f.Ready() {
		t.Error("ready before the start")
	}
	port, _ := target(t, "127.0.0.2")
	s := start(t, site(app, port))
	live := func() *Failover { return &Failover{block: process.Blocks()[0]} }
	eventually(t, "ready", func() bool { return live().Ready() })
	s.reload(site(other, port+1))
	if !live().Ready() || !f.Ready() {
		t.Error("not ready any more")
	}
}

// Nothing of what the Corefile says is kept as it is written: it may be long.
func TestTokensAreNotKept(t *testing.T) {
	c := caddy.NewTestController("dns", `failover example.org {
		witness 192.0.2.1
		ecs_from 192.0.2.0/24
		primary 192.0.2.2
		check tcp :1
	}`)
	c.ServerBlockKeys = []string{"example.org."}
	if err := setup(c); err != nil {
		t.Fatal(err)
	}
	block, tokens := dnsserver.GetConfig(c), weak.Make(c) // each line knows c
	runtime.GC()
	if tokens.Value() != nil {
		t.Error("the tokens are kept")
	}
	runtime.KeepAlive(block) // and with it the hooks
}
