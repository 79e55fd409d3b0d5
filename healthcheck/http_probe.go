package healthcheck

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"regexp"
)

// maxBody is how much of a body is read and matched.
const maxBody = 64 << 10

// An httpProber asks many addresses at a time; what belongs to one probe is in
// an exchange.
type httpProber struct {
	check         HTTP
	dial          dialFunc
	transport     *http.Transport
	tls           *tlsSource
	headers       headers
	payload       secret
	status        statusRanges
	body, bodyNot *regexp.Regexp // nil if there is nothing to match
	assert        *assertion     // nil if there is none
}

func (p *httpProber) Probe(ctx context.Context, addr netip.Addr) error {
	return p.ask(ctx, addr, p.judge)
}

// ask makes the request and returns what judge says of the final response.
func (p *httpProber) ask(ctx context.Context, addr netip.Addr,
	judge func(context.Context, *http.Response) error,
) error {
	req, err := p.request(ctx, addr)
	if err != nil {
		return CannotAsk(err)
	}
	x := &exchange{httpProber: p, addr: addr}
	defer x.hangUp()
	resp, err := x.do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if err := judge(ctx, resp); err != nil {
		return err
	}
	// A target that answers because we hang up may be heard in that moment.
	if err := ctx.Err(); err != nil {
		return because(ctx, "waiting for the answer", err)
	}
	return nil
}

func (p *httpProber) judge(ctx context.Context, resp *http.Response) error {
	if !p.status.contain(resp.StatusCode) {
		return fmt.Errorf("status %d, expected %s", resp.StatusCode, p.status)
	}
	return p.judgeBody(ctx, resp)
}

// request returns the first request. Its URL has the Host as host, whatever
// the address is that will be asked: so it is Host that redirects are compared
// with and relative to.
func (p *httpProber) request(ctx context.Context, addr netip.Addr) (*http.Request, error) {
	u, err := p.check.Target.path(addr)
	if err != nil {
		return nil, errors.New("the path is not one of a URL")
	}
	header, err := p.headers.fill(ctx, addr)
	if err != nil {
		return nil, err
	}
	host := p.check.Host
	if host == "" {
		host = p.check.Target.host(addr)
	}
	u.Scheme, u.Host = p.check.Type(), net.JoinHostPort(host, p.check.originPort())
	req := &http.Request{Method: p.check.Method, URL: u, Host: p.check.hostHeader(host), Header: header}
	if err := p.load(ctx, req); err != nil {
		return nil, err
	}
	return req.WithContext(ctx), nil
}

func (p *httpProber) judgeBody(ctx context.Context, resp *http.Response) error {
	if p.body == nil && p.bodyNot == nil && p.assert == nil {
		return nil
	}
	body, err := readBody(ctx, resp)
	switch {
	case err != nil:
		return err
	case p.body != nil && !p.body.Match(body):
		return fmt.Errorf(`body does not match "%s"`, p.body)
	case p.bodyNot != nil && p.bodyNot.Match(body):
		return fmt.Errorf(`body matches "%s"`, p.bodyNot)
	case p.assert != nil:
		return p.assert.judge(ctx, resp, body)
	}
	return nil
}

// readBody returns as much of a body as is matched.
func readBody(ctx context.Context, resp *http.Response) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return nil, because(ctx, "reading the body", answerError(err))
	}
	return body, nil
}
