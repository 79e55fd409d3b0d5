package answer

import (
	"crypto/tls"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/coredns"
)

// A Writer lets the replies of plugins behind be edited on their way, and knows
// whether there was one.
type Writer struct {
	dns.ResponseWriter
	// Edit returns what is written instead of a reply, which it must not
	// change: plugins hand out what they keep. nil leaves replies alone.
	Edit  func(*dns.Msg) *dns.Msg
	wrote bool
}

// WriteMsg writes what Edit makes of m.
func (w *Writer) WriteMsg(m *dns.Msg) error {
	w.wrote = true
	if m != nil && w.Edit != nil {
		m = w.Edit(m)
	}
	return w.ResponseWriter.WriteMsg(m)
}

// Write passes packed replies through as they are.
func (w *Writer) Write(b []byte) (int, error) {
	w.wrote = true
	return w.ResponseWriter.Write(b)
}

// ConnectionState keeps the TLS state of the connection in reach
// (request.ScrubWriter says why).
func (w *Writer) ConnectionState() *tls.ConnectionState {
	if cs, ok := w.ResponseWriter.(dns.ConnectionStater); ok {
		return cs.ConnectionState()
	}
	return nil
}

// Unanswered reports whether the plugins behind, having returned rcode and
// err, left the query to whoever wants it: there is none, or they wrote nothing
// and refused. Every other answer and error of theirs stands.
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
