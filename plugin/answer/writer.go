package answer

import (
	"crypto/tls"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/coredns"
)

// A Writer edits the replies of the next plugins, and knows whether there was one.
type Writer struct {
	dns.ResponseWriter
	// Edit returns the reply to write instead of its argument. It must not change that:
	// plugins write messages that they keep. nil leaves replies as they are.
	Edit  func(*dns.Msg) *dns.Msg
	wrote bool
}

// WriteMsg writes what Edit returns for m.
func (w *Writer) WriteMsg(m *dns.Msg) error {
	w.wrote = true
	if m != nil && w.Edit != nil {
		m = w.Edit(m)
	}
	return w.ResponseWriter.WriteMsg(m)
}

// Write writes a packed reply as it is.
func (w *Writer) Write(b []byte) (int, error) {
	w.wrote = true
	return w.ResponseWriter.Write(b)
}

// ConnectionState returns the TLS state of the connection, or nil (see
// [request.ScrubWriter]).
func (w *Writer) ConnectionState() *tls.ConnectionState {
	if cs, ok := w.ResponseWriter.(dns.ConnectionStater); ok {
		return cs.ConnectionState()
	}
	return nil
}

// Unanswered reports whether the next plugins, which returned rcode and err, left the
// query unanswered: there is no next plugin, or they returned REFUSED and wrote nothing.
// Any other error is an answer.
func (w *Writer) Unanswered(rcode int, err error) bool {
	switch {
	case w.wrote:
		return false
	case err == nil:
		return rcode == dns.RcodeRefused
	default:
		return coredns.IsEndOfChain(err)
	}
}
