package test

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// A record of two endpoints takes little memory, as there may be tens of thousands.
func TestHeapOfARecord(t *testing.T) {
	t.Parallel()
	const n, most = 2000, 7500
	heap := func(records int) int {
		s := start(t, manyRecords(records), nil)
		s.waitFor("-> down")
		eventually(t, "everything is checked", func() bool {
			return len(s.scrape().with("endpoint_up")) == 2*records
		})
		return s.liveHeap()
	}
	per := (heap(n) - heap(1)) / n
	if t.Logf("%d bytes a record", per); per > most {
		t.Errorf("a record takes %d bytes, want %d at most", per, most)
	}
}

// manyRecords is a Corefile with n records of two pools of one endpoint, which refuse
// connections.
func manyRecords(n int) string {
	var s strings.Builder
	s.WriteString(`example.org:$dns {
	bind $ip
	pprof $ip:$pprof
	prometheus $ip:$metrics
	failover {
		check tcp :1 {
			interval 10s
			fast_interval 10ms
		}
`)
	for i := range n {
		fmt.Fprintf(&s, "record app%d {\nprimary 127.1.%d.%d\nsecondary 127.2.%[2]d.%[3]d\n}\n", i, i>>8, i&255)
	}
	s.WriteString("}\n}\n")
	return s.String()
}

var heapAlloc = regexp.MustCompile(`# HeapAlloc = (\d+)`)

// liveHeap returns the bytes that a collection of garbage leaves.
func (s *server) liveHeap() int {
	s.Helper()
	resp, err := http.Get("http://" + s.addr("pprof") + "/debug/pprof/heap?gc=1&debug=1")
	if err != nil {
		s.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.Fatal(err)
	}
	n, err := strconv.Atoi(string(heapAlloc.FindSubmatch(text)[1]))
	if err != nil {
		s.Fatal(err)
	}
	return n
}
