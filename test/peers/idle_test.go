package peers

import (
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

const (
	idleTimeout   = "100ms" // after which the peers close idle connections
	idleInterval  = 500 * time.Millisecond
	idleProbes    = 12
	idleProperty  = "\nwatch\ninterval 500ms\ntimeout 500ms\nfast_interval 20ms\nfall 2\njitter 0%\n"
	settledProbes = 3 // of idleProbes, the last
)

// watches runs a checker with watch against a peer that closes idle connections, until it
// has probed a number of times. No probe may fail; closed connections cause early probes, until
// the checker settles at its interval. accepted returns how many connections the peer has counted.
func watches(t *testing.T, c check, accepted func() int) {
	t.Helper()
	c.becomes(t, "")
	before := accepted()
	var mu sync.Mutex // guards the following
	var began []time.Time
	done := make(chan struct{})
	r := healthcheck.NewRegistry(healthcheck.Hooks{
		Probed: func(_ healthcheck.Key, res healthcheck.Result, took time.Duration, err error) {
			mu.Lock()
			defer mu.Unlock()
			if res != healthcheck.Pass {
				t.Errorf("%v: %s: %v", c.key.Spec.Check, res, err)
			}
			if began = append(began, time.Now().Add(-took)); len(began) == idleProbes {
				close(done)
			}
		},
		Changed: func(tr healthcheck.Transition) {
			if tr.To != healthcheck.Up {
				t.Errorf("%v: %s", c.key.Spec.Check, tr.Reason)
			}
		},
	})
	lease := r.Acquire(c.key, healthcheck.Unknown, func(healthcheck.Transition) {})
	<-done
	r.Release(lease)
	mu.Lock()
	defer mu.Unlock()
	sooner := 0
	for i := 1; i < idleProbes; i++ {
		switch gap := began[i].Sub(began[i-1]); {
		case i >= idleProbes-settledProbes && gap < idleInterval/2: // otherwise it is little more than idleTimeout
			t.Errorf("%v: still probed again after %v", c.key.Spec.Check, gap)
		case gap < idleInterval*9/10:
			sooner++
		}
	}
	if sooner == 0 {
		t.Errorf("%v: the peer closes no connection", c.key.Spec.Check)
	}
	if n := accepted() - before; n < idleProbes || n > len(began)+1 {
		t.Errorf("%v: the peer has counted %d connections, with %d probes", c.key.Spec.Check, n, len(began))
	}
}

func TestHAProxyThatClosesWhatIsIdle(t *testing.T) {
	haproxy, d, plain, secure, admin := find(t, "haproxy"), dir(t), freePort(t), freePort(t), freePort(t)
	ca := issue(t, "authority", -time.Hour, 90*day, nil)
	pair := issue(t, "example.org", -time.Hour, 30*day, ca)
	config := write(t, d+"/haproxy.cfg", "global\nstats socket ipv4@127.0.0.1:"+admin+" level admin\n"+
		"defaults\nmode http\ntimeout client "+idleTimeout+"\ntimeout connect 1s\ntimeout server 1s\n"+
		"frontend web\nbind 127.0.0.1:"+plain+"\nfrontend secure\nbind 127.0.0.1:"+secure+" ssl crt "+pair.both+"\n")
	start(t, haproxy, "-db", "-f", config)
	accepted := func(frontend string) func() int {
		return func() int {
			conn, err := net.Dial("tcp", "127.0.0.1:"+admin)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			io.WriteString(conn, "show stat typed\n")
			text, _ := io.ReadAll(conn)
			return number(t, `F\.(\d+)\.\d+\.\d+\.pxname\.\d+:[^\n]*:`+frontend+`\n`, `F\.$\.\d+\.\d+\.conn_tot\.[^\n]*:(\d+)\n`, string(text))
		}
	}
	watches(t, parse(t, "127.0.0.1", "check tcp :"+plain+" {"+idleProperty+"}"), accepted("web"))
	watches(t, parse(t, "127.0.0.1", "check tls :"+secure+" {\ntls_ca "+ca.cert+idleProperty+"}"), accepted("secure"))
}

// number returns the number that the second expression finds in text, where $ in it is the
// match of the first one.
func number(t *testing.T, first, second, text string) int {
	t.Helper()
	which := regexp.MustCompile(first).FindStringSubmatch(text)
	if which == nil {
		t.Fatalf("no %s in %s", first, text)
	}
	found := regexp.MustCompile(strings.ReplaceAll(second, "$", which[1])).FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("no %s in %s", second, text)
	}
	n, err := strconv.Atoi(found[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNginxThatClosesWhatIsIdle(t *testing.T) {
	nginx, d, plain, secure, admin := find(t, "nginx"), dir(t), freePort(t), freePort(t), freePort(t)
	ca := issue(t, "authority", -time.Hour, 90*day, nil)
	both := issue(t, "example.org", -time.Hour, 30*day, ca).both
	config := write(t, d+"/nginx.conf", "daemon off;\npid "+d+"/pid;\nerror_log stderr notice;\nevents {}\nhttp {\naccess_log off;\n"+
		"client_body_temp_path "+d+"/a;\nproxy_temp_path "+d+"/b;\nfastcgi_temp_path "+d+"/c;\nuwsgi_temp_path "+d+"/d;\nscgi_temp_path "+d+"/e;\n"+
		"client_header_timeout "+idleTimeout+";\nkeepalive_timeout "+idleTimeout+";\n"+
		"server {\nlisten 127.0.0.1:"+plain+";\n}\n"+
		"server {\nlisten 127.0.0.1:"+secure+" ssl;\nssl_certificate "+both+";\nssl_certificate_key "+both+";\n}\n"+
		"server {\nlisten 127.0.0.1:"+admin+";\nstub_status;\n}\n}\n")
	start(t, nginx, "-c", config, "-e", "stderr")
	asked := 0 // these requests are connections too
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	accepted := func() int {
		resp, err := client.Get("http://127.0.0.1:" + admin)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body)
		asked++
		return number(t, "(requests)", `requests\s+(\d+)`, string(text)) - asked
	}
	watches(t, parse(t, "127.0.0.1", "check tcp :"+plain+" {"+idleProperty+"}"), accepted)
	watches(t, parse(t, "127.0.0.1", "check tls :"+secure+" {\ntls_ca "+ca.cert+idleProperty+"}"), accepted)
}
