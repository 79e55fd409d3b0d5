package admin

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

// The list of 10,000 records.
func BenchmarkListRecords(b *testing.B) {
	var records []Record
	for i := range 10000 {
		records = append(records, recordOf(fmt.Sprintf("www%d.example.org.", i), "192.0.2.1"))
	}
	s := NewService(backendOf(records...))
	l := new(listener)
	l.current.Store(new(access))
	h := s.handler(l)
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest(http.MethodGet, "/v1/records", nil)
		r.Host = "localhost"
		w := &discarded{header: http.Header{}}
		if h.ServeHTTP(w, r); w.size < 1<<20 {
			b.Fatal("the list is short")
		}
	}
}

// A discarded answer has a size.
type discarded struct {
	header http.Header
	size   int
}

func (d *discarded) Header() http.Header { return d.header }
func (d *discarded) WriteHeader(int)     {}

func (d *discarded) Write(p []byte) (int, error) {
	d.size += len(p)
	return len(p), nil
}
