package failover

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// manyRecords is a Corefile with n records of two pools of one endpoint, which refuse
// connections.
func manyRecords(n int, check string) string {
	var s strings.Builder
	s.WriteString("example.org:0 {\nfailover {\n" + check + "\n")
	for i := range n {
		fmt.Fprintf(&s, "record app%d {\nprimary 127.%d.%d.%d\nsecondary 127.%d.%[3]d.%[4]d\n}\n", i, 1+i>>16, i>>8&255, i&255, 128+i>>16)
	}
	s.WriteString("}\n}\n")
	return s.String()
}

// liveHeap returns the number of live bytes.
func liveHeap() int {
	var m runtime.MemStats
	for range 3 { // finalizers, and two generations of sync.Pool
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// A record of two endpoints takes little memory, as there may be tens of thousands. Beside
// the record, this counts the goroutines of the first probes, which the runtime keeps.
func TestHeapOfARecord(t *testing.T) {
	const n, most = 2000, 6500
	before := liveHeap()
	start(t, manyRecords(n, "check tcp :1 {\ninterval 10s\nfast_interval 10ms\n}"))
	eventually(t, "everything has been checked", registry.Ready)
	per := (liveHeap() - before) / n
	if t.Logf("%d bytes a record", per); per > most {
		t.Errorf("want %d at most", most)
	}
}
