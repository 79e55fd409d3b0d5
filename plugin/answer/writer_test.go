package answer

import (
	"crypto/tls"
	"errors"
	"testing"

	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/test"

	"github.com/miekg/dns"
)

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

func (w *tlsWriter) WriteMsg(m *dns.Msg) error { w.msg = m; return nil }

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
