package test

import (
	"strings"
	"testing"
)

const readyCorefile = `
	example.org:$dns {
		bind $ip
		ready $ip:$ready
		failover app.example.org {
			primary $a
			secondary $b
			check http :$web {
				TIMING
			}
		}
	}
	example.net:$dns {
		bind $ip
		ready $ip:$ready
		failover app.example.net {
			primary 192.0.2.1
			check none
		}
	}`

func (s *server) readiness() string {
	status, body := s.get("http://" + s.addr("ready") + "/ready")
	switch {
	case status == 200:
		return "ready"
	case status == 503 && strings.Contains(body, "failover"):
		return "not ready"
	default:
		return body
	}
}

// The server is ready once every check has a first result, and stays ready whatever happens
// to the targets.
func TestReady(t *testing.T) {
	t.Parallel()
	ts := newTargets(t, 2)
	ts[0].hold()
	corefile := strings.Replace(readyCorefile, "TIMING", strings.Replace(fast, "timeout 500ms", "timeout 50ms", 1), 1)
	slow := strings.Replace(readyCorefile, "TIMING", "interval 1h\ntimeout 1h", 1)
	s := start(t, slow, vars{"a": ts[0].ip, "b": ts[1].ip, "web": ts[0].port})
	becomes(t, "readiness", "not ready", s.readiness)
	eventually(t, "both targets are probed", func() bool { return ts[0].hits.Load() > 0 && ts[1].hits.Load() > 0 })
	s.waitFor(ts[1].ip + ": unknown -> up")
	if got := s.readiness(); got != "not ready" {
		t.Errorf("with one of two results: %s", got)
	}
	ts[0].release()
	becomes(t, "readiness", "ready", s.readiness)

	stop := always(t, func() {
		// During a reload the port is closed for a moment, or ready says that it shuts down.
		if s.readiness() == "not ready" {
			t.Error("the plugin is no longer ready")
		}
	})
	ts[0].sick()
	ts[1].stop()
	s.reload(corefile)
	s.waitFor("all pools down")
	ts[0].hold()
	for range 5 {
		s.reload(slow)
		s.reload(corefile)
	}
	becomes(t, "readiness", "ready", s.readiness)
	stop()
}

// A first result that does not come in time does not delay readiness.
func TestReadyAfterTheFirstTimeout(t *testing.T) {
	t.Parallel()
	ts := newTargets(t, 2)
	ts[0].hold()
	ts[1].stop()
	s := start(t, strings.Replace(readyCorefile, "TIMING", "interval 1h\ntimeout 10s\nfast_interval 1h", 1),
		vars{"a": ts[0].ip, "b": ts[1].ip, "web": ts[0].port})
	becomes(t, "readiness", "not ready", s.readiness)
	becomes(t, "readiness", "ready", s.readiness)
	if s.log.count("-> ") > 0 {
		t.Errorf("a single failure has made the endpoint down")
	}
}
