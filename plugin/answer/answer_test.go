package answer

import (
	"crypto/tls"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/test"

	"github.com/miekg/dns"
)

func TestRecordsShareNothingThatCanBeChanged(t *testing.T) {
	r := new(dns.Msg)
	r.SetQuestion("app.example.org.", dns.TypeA)
	kept := rrs(t, "app.example.org. 5 IN A 192.0.2.1", "app.example.org. 5 IN A 192.0.2.2")
	m := Records(r, kept[:1])
	m.Answer[0] = test.A("app.example.org. 5 IN A 192.0.2.9")
	m.Answer = append(m.Answer, test.A("app.example.org. 5 IN A 192.0.2.9"))
	if kept[0].(*dns.A).A.String() != "192.0.2.1" || kept[1].(*dns.A).A.String() != "192.0.2.2" {
		t.Errorf("a change of the answer wrote into what is shared: %v", kept)
	}
	if !m.Authoritative || !m.Response || m.Question[0] != r.Question[0] {
		t.Errorf("not a reply: %s", m)
	}
}

// A reply is what dns.Msg.SetReply makes, and AA, however many records there are.
func TestRecordsAreAReply(t *testing.T) {
	for n := range 8 {
		r := new(dns.Msg)
		r.SetQuestion("aPp.example.org.", dns.TypeA)
		r.RecursionDesired, r.CheckingDisabled, r.AuthenticatedData = n%2 == 0, n%3 == 0, true
		want := new(dns.Msg)
		want.SetReply(r)
		want.Authoritative = true
		for i := range n + 1 {
			want.Answer = append(want.Answer, test.A(fmt.Sprintf("app.example.org. 5 IN A 192.0.2.%d", i)))
		}
		got := Records(r, want.Answer)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if &got.Answer[0] == &want.Answer[0] {
			t.Error("the answer is not a copy")
		}
		r.Question[0].Name = "elsewhere."
		if got.Question[0] != want.Question[0] {
			t.Error("the question is not a copy")
		}
	}
}

func TestUnanswered(t *testing.T) {
	end := plugin.Error("view", errors.New("no next plugin found"))
	tests := []struct {
		name  string
		wrote bool
		rcode int
		err   error
		want  bool
	}{
		{"refused", false, dns.RcodeRefused, nil, true},
		{"no next plugin", false, dns.RcodeServerFailure, end, true},
		{"no next plugin, told by a plugin", false, dns.RcodeServerFailure, plugin.Error("trace", end), true},
		{"wrote a refusal", true, dns.RcodeRefused, nil, false},
		{"answered", true, dns.RcodeSuccess, nil, false},
		{"failed", false, dns.RcodeServerFailure, nil, false},
		{"failed with an error", false, dns.RcodeServerFailure, errors.New("i/o timeout"), false},
		{"refused with an error", false, dns.RcodeRefused, errors.New("i/o timeout"), false},
		{"dropped", false, dns.RcodeSuccess, nil, false},
	}
	for _, tc := range tests {
		w := &Writer{ResponseWriter: &test.ResponseWriter{}}
		if tc.wrote {
			w.WriteMsg(new(dns.Msg))
		}
		if got := w.Unanswered(tc.rcode, tc.err); got != tc.want {
			t.Errorf("%s: got %v", tc.name, got)
		}
	}
	// The error that CoreDNS makes today is the one that is recognised.
	rcode, err := plugin.NextOrFailure("failover", nil, t.Context(), nil, nil)
	if w := (&Writer{}); !w.Unanswered(rcode, err) {
		t.Errorf("%d, %v: not recognised as the end of the chain", rcode, err)
	}
}

// A tlsWriter has a TLS connection.
type tlsWriter struct {
	test.ResponseWriter
	raw []byte
	msg *dns.Msg
}

func (*tlsWriter) ConnectionState() *tls.ConnectionState {
	return &tls.ConnectionState{ServerName: "x"}
}
func (w *tlsWriter) Write(b []byte) (int, error) { w.raw = b; return len(b), nil }
func (w *tlsWriter) WriteMsg(m *dns.Msg) error   { w.msg = m; return nil }

func TestWriterPassesThrough(t *testing.T) {
	under := &tlsWriter{}
	w := &Writer{ResponseWriter: under, Edit: func(*dns.Msg) *dns.Msg { return new(dns.Msg) }}
	if cs := w.ConnectionState(); cs == nil || cs.ServerName != "x" {
		t.Error("the TLS state is out of reach")
	}
	if cs := (&Writer{ResponseWriter: &test.ResponseWriter{}}).ConnectionState(); cs != nil {
		t.Error("a TLS state from nowhere")
	}
	w.WriteMsg(nil)
	if under.msg != nil {
		t.Error("a nil message was edited")
	}
	w.Write([]byte("raw"))
	if string(under.raw) != "raw" || w.Unanswered(dns.RcodeRefused, nil) {
		t.Error("a packed reply did not count as one")
	}
}

func TestApexSynthetic(t *testing.T) {
	a := NewApex("example.org.", 42)
	for _, tc := range []struct {
		name  string
		qtype uint16
		want  string
	}{
		{"example.org.", dns.TypeSOA, "example.org.\t30\tIN\tSOA\tns.dns.example.org. hostmaster.example.org. 42 7200 1800 86400 30"},
		{"example.org.", dns.TypeNS, "example.org.\t30\tIN\tNS\tns.dns.example.org."},
		{"example.org.", dns.TypeTXT, ""},
		{"app.example.org.", dns.TypeSOA, ""},
	} {
		got := ""
		for _, rr := range a.Synthetic(tc.name, tc.qtype, 30) {
			got += rr.String()
		}
		if got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
	if root := NewApex(".", 1).Synthetic(".", dns.TypeNS, 5)[0].(*dns.NS); root.Ns != "ns.dns." {
		t.Errorf("the root's name server is %s", root.Ns)
	}
}

func TestApexSOA(t *testing.T) {
	a := NewApex("example.org.", 42)
	behind := test.SOA(soaBehind)
	for _, tc := range []struct {
		behind *dns.SOA
		ttl    uint32
		want   string
	}{
		{nil, 60, "example.org.\t60\tIN\tSOA\tns.dns.example.org. hostmaster.example.org. 42 7200 1800 86400 60"},
		{behind, 7200, "example.org.\t3600\tIN\tSOA\tns.example.org. root.example.org. 7 1 2 3 4"},
		{behind, 60, "example.org.\t60\tIN\tSOA\tns.example.org. root.example.org. 7 1 2 3 4"},
	} {
		if got := a.SOA(tc.behind, tc.ttl); got.String() != tc.want {
			t.Errorf("got %s, want %s", got, tc.want)
		}
	}
	if behind.Hdr.Ttl != 3600 {
		t.Error("the one from behind was changed")
	}
}
