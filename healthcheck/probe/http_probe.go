package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"regexp"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/internal/dial"
	"github.com/coredns-failover/failover/healthcheck/reload"
)

// An httpProber probes many addresses at a time. The state of one probe is in an exchange.
type httpProber struct {
	check         HTTP
	dial          dial.Func
	tls           *tlsSource
	headers       headers
	payload       reload.Secret
	status        statusRanges
	body, bodyNot *regexp.Regexp // nil if there is nothing to match
	looksAhead    bool           // see the function looksAhead
	assert        *assertion     // nil if there is none
}

func (p *httpProber) Probe(ctx context.Context, addr netip.Addr) error {
	return p.ask(ctx, addr, p.verify)
}

// ask makes the request and returns the result of verify for the final response.
func (p *httpProber) ask(ctx context.Context, addr netip.Addr,
	verify func(context.Context, *http.Response) error,
) error {
	req, err := p.request(ctx, addr)
	if err != nil {
		return healthcheck.MarkInconclusive(err)
	}
	x := &exchange{httpProber: p, addr: addr}
	defer x.hangUp()
	resp, err := x.do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	err = verify(ctx, resp)
	// A target that answers because we hang up may be heard in that moment.
	if over := ctx.Err(); err == nil && over != nil {
		return dial.Because(ctx, "waiting for the answer", over)
	}
	x.drain(resp.Body)
	return err
}

// verify returns nil if the response passes, or why it does not.
func (p *httpProber) verify(ctx context.Context, resp *http.Response) error {
	if !p.status.contain(resp.StatusCode) {
		return fmt.Errorf("status %d, expected %s", resp.StatusCode, p.status)
	}
	return p.verifyBody(ctx, resp)
}

// request returns the first request. The host of its URL is Host, not the probed address:
// redirects are relative to Host, and are compared with it.
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
	req := &http.Request{
		Method: p.check.Method, URL: u, Host: p.check.hostHeader(host), Header: header,
		Close: !changesProtocol(header),
	}
	if err := p.load(ctx, req); err != nil {
		return nil, err
	}
	return req.WithContext(ctx), nil
}
