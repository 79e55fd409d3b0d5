package test

import (
	"strings"
	"sync"
	"testing"
	"time"
)

// However many clients there are, forward gets no more queries than it does with a cache in
// front, for an exact name as for one below a wildcard.
func TestNextUnderLoad(t *testing.T) {
	t.Parallel()
	names := []string{"exact.example.org", "x.wild.example.org", "cached.example.org"}
	up := newAuthor(t)
	s := prepare(t, vars{"upstream": up.addr, "a": loopback()})
	var records []string
	for _, name := range names {
		records = append(records, name+" 2 A "+s.vars["a"])
	}
	up.write(records...)
	s.serve(`
	example.org:$dns {
		bind $ip
		cache {
			success 9984 3600 1
			denial 9984 3600 1
		}
		failover {
			check none
			record exact *.wild {
				primary next
				secondary 192.0.2.1
			}
		}
		forward . $upstream
	}`)
	before := make(map[string]int) // queries to forward while the server started
	for _, name := range names {
		for _, qtype := range []string{"A", "AAAA"} {
			before[name+qtype] = up.count(name, qtype)
		}
	}
	began := time.Now()
	askFor(t, s, 6*time.Second, names)
	took := time.Since(began)
	cached := map[string]int{"A": up.count(names[2], "A"), "AAAA": up.count(names[2], "AAAA")}
	for _, name := range names[:2] {
		for qtype, most := range cached {
			// One more, because its first TTL may have begun earlier.
			if n := up.count(name, qtype); n-before[name+qtype] > most+1 || n < 2 {
				t.Errorf("forward got %s %s %d times, and with the cache in front %d times", name, qtype, n, most)
			}
		}
	}
	if cached["A"] > seconds(took) {
		t.Errorf("the queries of the cache were %v, so the test proves nothing", cached)
	}
	if s.log.count("WARNING")+s.log.count("ERROR") > 0 {
		t.Errorf("the log has warnings:\n%s", indent(strings.TrimSpace(s.log.tail())))
	}
}

// askFor has three clients for each name query its addresses, as fast as they get answers, for d.
func askFor(t *testing.T, s *server, d time.Duration, names []string) {
	t.Helper()
	began := time.Now()
	var clients sync.WaitGroup
	for _, name := range names {
		for _, qtype := range []string{"A", "A", "AAAA"} {
			want := "NODATA SOA"
			if qtype == "A" {
				want = "A " + s.vars["a"]
			}
			clients.Go(func() {
				for n := 0; time.Since(began) < d && !t.Failed(); n++ {
					if got := s.ask(name, qtype); got != want {
						t.Errorf("answer %d of %s %s: got %s", n, name, qtype, got)
					}
				}
			})
		}
	}
	clients.Wait()
}
