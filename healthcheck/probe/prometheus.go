package probe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/internal/dial"
)

// Prometheus is the check "prometheus": the result of a query is not empty and
// not zero. A server that does not give a result says nothing of the endpoint.
type Prometheus struct {
	TLS        bool
	Server     Target // Port is set; Path is the prefix of the API, or ""
	Query      string // PromQL with "{endpoint}" in it
	Headers    string // as in HTTP
	Bearer     string // literal or "file:PATH"
	TLSOptions TLSOptions
}

var _ healthcheck.Check = Prometheus{}

// Type returns "prometheus".
func (Prometheus) Type() string { return "prometheus" }

// String returns type and server.
func (c Prometheus) String() string {
	return "prometheus " + c.request().Type() + "://" + c.Server.String()
}

// Prober returns what asks the server.
func (c Prometheus) Prober() healthcheck.Prober { return c.prober(dial.DialNetwork) }

func (c Prometheus) prober(open dial.DialFunc) *prometheusProber {
	return &prometheusProber{c.request().prober(open)}
}

// request is the request that the query is, with the placeholder still in it.
func (c Prometheus) request() HTTP {
	target := c.Server
	target.Path = strings.TrimSuffix(target.Path, "/") + "/api/v1/query?query=" + escapeQuery(c.Query)
	return HTTP{
		TLS: c.TLS, Target: target, Method: http.MethodGet,
		Headers: c.Headers, Bearer: c.Bearer, TLSOptions: c.TLSOptions,
	}
}

// escapeQuery escapes all but the placeholder. What that stands for needs no
// escape, but for a zone's '%', which Target.path sees to.
func escapeQuery(s string) string {
	parts := strings.Split(s, placeholder)
	for i, part := range parts {
		parts[i] = url.QueryEscape(part)
	}
	return strings.Join(parts, placeholder)
}

type prometheusProber struct{ http *httpProber }

func (p *prometheusProber) Probe(ctx context.Context, addr netip.Addr) error {
	var result *queryResult
	err := p.http.ask(ctx, addr, func(ctx context.Context, resp *http.Response) (err error) {
		result, err = readResult(ctx, resp)
		return err
	})
	if err != nil {
		return healthcheck.CannotAsk(err)
	}
	return result.judge()
}

// judge returns why the result is no pass. One that is empty says nothing if there
// is a warning: what stores the series may be what could not be asked.
func (r *queryResult) judge() error {
	switch {
	case len(r.samples) == 0 && r.warning != "":
		return healthcheck.CannotAsk(fmt.Errorf("the result is empty, with a warning: %s", r.warning))
	case len(r.samples) == 0:
		return errors.New("the result is empty")
	}
	for _, v := range r.samples {
		if v < 0 || v > 0 { // and not NaN, which compares as neither
			return nil
		}
	}
	if len(r.samples) == 1 && r.samples[0] != 0 {
		return errors.New("the result is NaN")
	}
	return errors.New("the result is zero")
}
