package probe

import (
	"regexp"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/internal/dial"
)

// HTTP is the check "http" and "https". It passes if the answer to a request has an
// expected status and body.
type HTTP struct {
	TLS        bool   // https
	Target     Target // Port is set
	Method     string // GET if not set otherwise
	Host       string // the Host header, and the TLS server name unless TLSOptions names another
	HostPort   uint16 // port in the Host header; 0 is Target's, left out if it is the scheme's
	Payload    string // body of the request, or "file:PATH"
	Headers    string // "Name: value" lines in the order of the Corefile, joined by "\n"; value may be "file:PATH"
	Status     string // accepted ranges, sorted and merged: "200-299,304"
	Body       string // regular expression that must match, or ""
	BodyNot    string // regular expression that must not match, or ""
	Assert     string // expression that must be true of the answer, or ""
	User       string // with Password: basic authentication
	Password   string // literal or "file:PATH"
	Bearer     string // literal or "file:PATH"
	Redirects  int    // how many are followed, 0 to 10
	TLSOptions TLSOptions

	ProxyProtocol byte // version of the PROXY header that is sent first; 0 for none
}

var _ healthcheck.Check = HTTP{}

// Type returns "http" or "https".
func (c HTTP) Type() string {
	if c.TLS {
		return "https"
	}
	return "http"
}

// String returns type and target as in a URL. If the target is the endpoint, it has the
// name of the Host header: two sites at one address have different checks.
func (c HTTP) String() string {
	t := c.Target
	if t.Host == "" {
		t.Host = c.Host
	}
	return c.Type() + " " + t.String()
}

// Prober returns the prober. It panics if Body, BodyNot or Assert does not compile.
func (c HTTP) Prober() healthcheck.Prober { return c.prober(dial.Dial) }

func (c HTTP) prober(open dial.Func) *httpProber {
	p := &httpProber{
		check:   c,
		dial:    open,
		tls:     newTLSSource(c.TLSOptions),
		headers: newHeaders(c),
		payload: newPayload(c.Payload),
		status:  parseStatus(c.Status),
		body:    compile(c.Body),
		bodyNot: compile(c.BodyNot),
		assert:  mustAssert(c.Assert),
	}
	p.looksAhead = looksAhead(p.body)
	return p
}

// compile returns the regular expression expr, or nil for "".
func compile(expr string) *regexp.Regexp {
	if expr == "" {
		return nil
	}
	return regexp.MustCompile(expr)
}
