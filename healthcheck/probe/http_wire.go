package probe

import (
	"bufio"
	"io"
	"math"
	"net"
	"net/http"
	"sync"

	"golang.org/x/net/http/httpguts"
)

const (
	maxHeader = 64 << 10 // of an answer, with those of informational ones before it

	// shortRequest is what the kernel takes whether or not the target reads.
	shortRequest = 4 << 10
)

// Most requests and headers of answers are small, and many probes may wait at a time.
var (
	readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, 2<<10) }}
	writers = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, 1<<10) }}
)

// A wire is a connection for one request of HTTP/1.1 and the answer to it. An
// [http.Transport] costs two goroutines more for each, which a connection that is
// not used again has no need of.
type wire struct {
	heardConn
	in   *bufio.Reader // reads from the wire
	left int64         // how much may still be read
	sent sync.WaitGroup
}

func newWire(conn net.Conn) *wire {
	w := &wire{heardConn: heardConn{Conn: conn}, in: readers.Get().(*bufio.Reader), left: maxHeader}
	w.in.Reset(w)
	return w
}

// free gives up a wire whose connection was closed. Nothing of it, such as a body,
// may be read any more.
func (w *wire) free() {
	w.sent.Wait()
	w.in.Reset(nil)
	readers.Put(w.in)
}

// exchange sends a request and returns the answer. The body of it need not be
// closed, and must not: that would read it to its end.
func (w *wire) exchange(req *http.Request) (*http.Response, error) {
	if takenAtOnce(req) {
		if err := w.send(req); err != nil {
			return nil, err
		}
	} else { // it may have to wait for the target, which may answer without reading it
		w.sent.Go(func() { _ = w.send(req) })
	}
	resp, err := w.receive(req)
	w.left = math.MaxInt64
	return resp, err
}

// takenAtOnce reports whether a request can be sent though the target reads nothing.
func takenAtOnce(req *http.Request) bool {
	length := req.ContentLength + int64(len(req.Host)+len(req.URL.Path)+len(req.URL.RawQuery))
	for name, values := range req.Header {
		for _, value := range values {
			length += int64(len(name) + len(value))
		}
	}
	return length <= shortRequest/2 // an escape may take three times the room
}

func (w *wire) send(req *http.Request) error {
	buf := writers.Get().(*bufio.Writer)
	buf.Reset(untilGone{w.Conn})
	defer func() {
		buf.Reset(nil)
		writers.Put(buf)
	}()
	if err := req.Write(buf); err != nil {
		return err
	}
	return buf.Flush()
}

// An untilGone leaves it to Read to say that the target has gone: what it said
// before is still to be read.
type untilGone struct{ net.Conn }

func (c untilGone) Write(b []byte) (int, error) {
	_, _ = c.Conn.Write(b)
	return len(b), nil
}

// receive reads the header of the answer.
func (w *wire) receive(req *http.Request) (*http.Response, error) {
	for {
		resp, err := http.ReadResponse(w.in, req)
		switch {
		case err != nil:
			return nil, err
		case resp.StatusCode == http.StatusSwitchingProtocols && changesProtocol(resp.Header):
			resp.Body = io.NopCloser(w.in) // the connection itself
			return resp, nil
		case resp.StatusCode == http.StatusSwitchingProtocols || resp.StatusCode/100 != 1:
			return resp, nil
		}
	}
}

// changesProtocol reports whether a header asks for another protocol on the same
// connection, or agrees to it.
func changesProtocol(h http.Header) bool {
	return h.Get("Upgrade") != "" && httpguts.HeaderValuesContainsToken(h["Connection"], "Upgrade")
}

// Read reads from the connection, but no more than is left.
func (w *wire) Read(b []byte) (int, error) {
	if w.left <= 0 {
		return 0, errHeader
	}
	n, err := w.heardConn.Read(b[:min(int64(len(b)), w.left)])
	w.left -= int64(n)
	return n, err
}
