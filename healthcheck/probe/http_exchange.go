package probe

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/internal/dial"
)

// An exchange is one probe on its way: a request and the redirects after it.
type exchange struct {
	*httpProber
	addr     netip.Addr
	conn     net.Conn    // of the last request, below TLS, or nil
	wire     *wire       // the same, above TLS
	free     func() bool // ends the watch over conn by the probe's context
	leftHost bool        // redirects have led to third parties; see follow
	err      error       // why it failed; the http.Client quotes URLs in its own
}

// do returns the final response, or an error in words.
func (x *exchange) do(req *http.Request) (*http.Response, error) {
	if x.check.Redirects == 0 {
		return x.RoundTrip(req)
	}
	client := &http.Client{Transport: x, CheckRedirect: x.follow}
	resp, err := client.Do(req)
	switch {
	case err == nil:
		return resp, nil
	case x.err != nil:
		return nil, x.err
	}
	return nil, errors.New("redirect to a malformed Location")
}

// hangUp closes the connection, without the parting word of TLS, for which a peer
// may have no ear.
func (x *exchange) hangUp() {
	if x.conn != nil {
		x.free()
		x.conn.Close()
		x.conn = nil
	}
	if x.wire != nil {
		x.wire.free()
		x.wire = nil
	}
}

// RoundTrip makes a connection and one request on it, for [http.Client]. Of the body
// of the answer 64 KiB are to be read at most.
func (x *exchange) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	defer func() { x.err = err }()
	x.hangUp()
	ctx := req.Context()
	conn, err := x.connect(ctx, req.URL)
	if err != nil {
		return nil, err
	}
	x.wire = newWire(conn)
	resp, err = x.wire.exchange(req)
	if err != nil {
		return nil, x.noAnswer(ctx, req, err)
	}
	resp.Body = firstOf(resp.Body)
	if x.check.Redirects > 0 && isRedirect(resp) {
		x.drain(resp.Body)
		resp.Body = http.NoBody // the http.Client would read it, if it takes all of the time
	}
	return resp, nil
}

// connect opens a connection for u: to the target if the host of u is its own, else to
// that host.
func (x *exchange) connect(ctx context.Context, u *url.URL) (net.Conn, error) {
	host := u.Hostname()
	own := x.isOwn(host)
	if own {
		host = x.check.Target.host(x.addr)
	}
	conn, err := x.dial(ctx, "tcp", net.JoinHostPort(host, x.check.connectPort(u, own)))
	if err != nil {
		return nil, x.dialError(ctx, err)
	}
	x.conn, x.free = conn, context.AfterFunc(ctx, func() { conn.Close() })
	if !x.leftHost { // a third party is no target that is known to want one
		if err := sendProxyHeader(ctx, conn, x.check.ProxyProtocol); err != nil {
			return nil, err
		}
	}
	if u.Scheme == "http" {
		return conn, nil
	}
	return x.handshake(ctx, conn, u.Hostname())
}

// dialError returns the error of a probe that could not connect. A redirect to a name that
// does not exist is a failure of the target: the name is not in the check.
func (x *exchange) dialError(ctx context.Context, err error) error {
	var lookup *net.DNSError
	if x.leftHost && ctx.Err() == nil && errors.As(err, &lookup) && lookup.IsNotFound {
		return errors.New("redirect to a host that does not exist")
	}
	return dial.Error(ctx, err)
}

func (x *exchange) handshake(ctx context.Context, conn net.Conn, name string) (net.Conn, error) {
	if x.isOwn(name) && x.check.TLSOptions.ServerName != "" {
		name = x.check.TLSOptions.ServerName
	}
	config, err := x.tls.config(ctx, name, x.leftHost)
	if err != nil {
		return nil, healthcheck.MarkInconclusive(err)
	}
	secure, err := handshake(ctx, conn, config)
	if err != nil {
		return nil, err // not secure: a nil *tls.Conn in an interface is not nil
	}
	return secure, nil
}

var (
	errHeader    = errors.New("more than 64 KiB of headers")
	errMalformed = errors.New("not an HTTP answer")
)

// answerError returns why there is no answer. It has nothing of what was sent or received,
// which net/http quotes.
func answerError(err error) error {
	var op *net.OpError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.ErrClosedPipe):
		return dial.ErrClosed
	case errors.As(err, &op):
		return dial.InShort(err)
	case errors.Is(err, errHeader):
		return errHeader
	}
	return errMalformed
}
