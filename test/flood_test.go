package test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"
)

const floodCorefile = `
	example.org:$dns {
		bind $ip
		failover *.wild.example.org {
			primary next
			secondary $c
			check http :$web {
				host app.example.org
				damping off
				` + fast + `
			}
		}
		template IN A example.org {
			answer "{{ .Name }} 60 IN A $a"
		}
		template IN AAAA example.org {
			rcode NOERROR
		}
	}`

// A flood of random names is answered, uses limited memory and few probes, and does not
// displace the names that were known before.
func TestNextFlood(t *testing.T) {
	t.Parallel()
	const names, known = 30_000, 10_000
	s := prepareNext(t)
	s.serve(floodCorefile)
	first := []string{"one.wild.example.org", "two.wild.example.org"}
	for _, name := range first {
		becomes(t, name, "A "+s.a.ip, func() string { return s.ask(name, "A") })
	}
	before, probes, began := s.resident(), s.a.hits.Load(), time.Now()
	flood := func(want ...string) (counts []int64) {
		said := make([]atomic.Int64, len(want))
		var clients sync.WaitGroup
		for c := range 8 {
			clients.Go(func() {
				conn, err := dns.Dial("udp", s.addr("dns"))
				if err != nil {
					t.Error(err)
					return
				}
				defer conn.Close()
				for n := c; n < names && !t.Failed(); n += 8 {
					got := s.askOver(conn, fmt.Sprintf("x%d.wild.example.org", n))
					i := slices.Index(want, got)
					if i < 0 {
						t.Errorf("name %d: got %s", n, got)
						return
					}
					said[i].Add(1)
				}
			})
		}
		clients.Wait()
		for i := range said {
			counts = append(counts, said[i].Load())
		}
		return counts
	}
	flood("A " + s.a.ip)
	grown := s.resident() - before
	t.Logf("%d names in %s, %d MiB more", names, time.Since(began), grown>>20)
	if most := int64(150 << 20); grown > most && !raceDetector {
		t.Errorf("the server has grown by %d MiB", grown>>20)
	}
	if n, most := s.a.hits.Load()-probes, int64(time.Since(began)/(180*time.Millisecond))+2; n > most {
		t.Errorf("%d probes of one address in %s", n, time.Since(began))
	}
	s.a.sick()
	for _, name := range first {
		becomes(t, name, "A "+s.c.ip, func() string { return s.ask(name, "A") })
	}
	// Names that are not known are answered by the next plugins.
	counts := flood("A "+s.a.ip, "A "+s.c.ip)
	if counts[1] != int64(known-len(first)) {
		t.Errorf("%d of the random names are known, want %d", counts[1], known-len(first))
	}
}

// askOver queries A over an open connection.
func (s *server) askOver(conn *dns.Conn, name string) string {
	q := question(name, "A")
	conn.SetDeadline(time.Now().Add(patience))
	if err := conn.WriteMsg(q); err != nil {
		return err.Error()
	}
	r, err := conn.ReadMsg()
	if err != nil {
		return err.Error()
	}
	return short(r)
}

// resident returns the resident memory of the server in bytes.
func (s *server) resident() int64 {
	s.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", s.cmd.Process.Pid))
	if err != nil {
		s.Fatal(err)
	}
	pages, err := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	if err != nil {
		s.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}
