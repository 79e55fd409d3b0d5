package probe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/internal/dial"
)

// Prometheus is the check "prometheus". It passes if the result of a query is neither
// empty nor zero. It is inconclusive if the server gives no result.
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

// Prober returns the prober, which queries the server.
func (c Prometheus) Prober() healthcheck.Prober { return c.prober(dial.Dial) }

func (c Prometheus) prober(open dial.Func) *prometheusProber {
	return &prometheusProber{c.request().prober(open)}
}

// request returns the HTTP request for the query. The Placeholder is still in it.
func (c Prometheus) request() HTTP {
	target := c.Server
	target.Path = strings.TrimSuffix(target.Path, "/") + "/api/v1/query?query=" + escapeQuery(c.Query)
	return HTTP{
		TLS: c.TLS, Target: target, Method: http.MethodGet,
		Headers: c.Headers, Bearer: c.Bearer, TLSOptions: c.TLSOptions,
	}
}

// escapeQuery escapes s for a URL, but not the Placeholder: an address needs no escape,
// except the '%' of a zone, which Target.path escapes.
func escapeQuery(s string) string {
	parts := strings.Split(s, Placeholder)
	for i, part := range parts {
		parts[i] = url.QueryEscape(part)
	}
	return strings.Join(parts, Placeholder)
}

type prometheusProber struct{ http *httpProber }

func (p *prometheusProber) Probe(ctx context.Context, addr netip.Addr) error {
	var result *queryResult
	err := p.http.ask(ctx, addr, func(ctx context.Context, resp *http.Response) (err error) {
		result, err = readResult(ctx, resp)
		return err
	})
	if err != nil {
		return healthcheck.MarkInconclusive(err)
	}
	return result.verify()
}

// verify returns nil if the result is a pass, or why it is not. An empty result with a
// warning is inconclusive: the store with the series may have been unreachable.
func (r *queryResult) verify() error {
	switch {
	case len(r.samples) == 0 && r.warning != "":
		return healthcheck.MarkInconclusive(fmt.Errorf("the result is empty, with a warning: %s", r.warning))
	case len(r.samples) == 0:
		return errors.New("the result is empty")
	}
	for _, v := range r.samples {
		if v < 0 || v > 0 { // neither is true of NaN
			return nil
		}
	}
	if len(r.samples) == 1 && r.samples[0] != 0 {
		return errors.New("the result is NaN")
	}
	return errors.New("the result is zero")
}

// A queryResult is the values of a query and the first warning of the server, or "".
type queryResult struct {
	samples []float64
	warning string
}

// An apiAnswer is an answer of the HTTP API of Prometheus.
type apiAnswer struct {
	Status    string   `json:"status"`
	ErrorType string   `json:"errorType"`
	Error     string   `json:"error"`
	Warnings  []string `json:"warnings"`
	Data      struct {
		Type   string          `json:"resultType"`
		Result json.RawMessage `json:"result"`
	} `json:"data"`
}

// A sample is a time and a value such as "1.5" or "NaN".
type sample [2]any

var errNoResult = errors.New("not an answer of Prometheus")

// readResult returns the result in an answer, or why there is none.
func readResult(ctx context.Context, resp *http.Response) (*queryResult, error) {
	body, err := readBody(ctx, resp, nil)
	if err != nil {
		return nil, err
	}
	var answer apiAnswer
	bad := json.Unmarshal(body, &answer) != nil
	switch {
	case !bad && answer.Status == "error":
		return nil, fmt.Errorf("the query: %s: %s", redactedExcerpt(resp, answer.ErrorType), redactedExcerpt(resp, answer.Error))
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("status %d, expected 200", resp.StatusCode)
	case len(body) == maxBody:
		return nil, errors.New("more than 64 KiB of result")
	case bad || answer.Status != "success":
		return nil, errNoResult
	}
	result, err := answer.values()
	if err == nil && len(answer.Warnings) > 0 {
		result.warning = redactedExcerpt(resp, answer.Warnings[0])
	}
	return result, err
}

// redactedExcerpt returns an excerpt of text, part of an answer, without the words of the
// request: a server that refuses a token may quote it.
func redactedExcerpt(resp *http.Response, text string) string {
	return excerpt(hide(text, wordsOf(resp.Request)))
}

// values returns the values of the result. A matrix, a string or a histogram has none:
// the query is wrong then.
func (a *apiAnswer) values() (*queryResult, error) {
	var samples []sample
	var err error
	switch a.Data.Type {
	case "scalar":
		samples = make([]sample, 1)
		err = json.Unmarshal(a.Data.Result, &samples[0])
	case "vector":
		samples, err = vectorSamples(a.Data.Result)
	case "matrix", "string":
		return nil, fmt.Errorf("the result is a %s, expected a vector or scalar", a.Data.Type)
	default:
		return nil, errNoResult
	}
	if err != nil {
		return nil, errNoResult
	}
	return parseSamples(samples)
}

func vectorSamples(text json.RawMessage) ([]sample, error) {
	var series []struct {
		Value sample `json:"value"`
	}
	err := json.Unmarshal(text, &series)
	samples := make([]sample, len(series))
	for i, s := range series {
		samples[i] = s.Value
	}
	return samples, err
}

func parseSamples(samples []sample) (*queryResult, error) {
	r := new(queryResult)
	for _, s := range samples {
		text, _ := s[1].(string)
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, errors.New("the result has something else than numbers")
		}
		r.samples = append(r.samples, value)
	}
	return r, nil
}
