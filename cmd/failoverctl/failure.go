package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/coredns-failover/failover/plugin/admin"
)

// A failure is an answer of the API that is not what was asked for.
type failure struct {
	admin.Problem
	text string
}

func (f *failure) Error() string { return f.text }

// failureOf returns what an answer says that is not a success.
func (c *client) failureOf(r *http.Response, text []byte) error {
	if r.StatusCode/100 == 2 {
		return nil
	}
	f := &failure{Problem: admin.Problem{Title: http.StatusText(r.StatusCode)}}
	if err := json.Unmarshal(text, &f.Problem); err != nil {
		f.Detail = strings.TrimSpace(string(text[:min(len(text), 200)]))
	}
	f.Status = r.StatusCode
	said := visible(cmp.Or(f.Detail, f.Title, r.Status))
	switch {
	case f.Status == http.StatusUnauthorized:
		f.text = c.unauthorized()
	case f.Status == http.StatusForbidden:
		f.text = fmt.Sprintf("the API at %s does not allow it: %s%s", c.at.text, said, c.ofToken())
	case f.Status == http.StatusBadRequest && strings.Contains(f.Detail, "HTTP request to an HTTPS server"):
		f.text = fmt.Sprintf("the API at %s speaks TLS: use https://%s, or --ca for authorities of your own", c.at.text, c.at.host)
	case f.Field != "":
		f.text = f.Field + ": " + said
	case f.Status == http.StatusNotFound && f.Detail == "":
		f.text = fmt.Sprintf("what is at %s is not the API of failover: %s", c.at.text, r.Status)
	default:
		f.text = said
	}
	return f
}

func (c *client) unauthorized() string {
	if c.token != "" {
		return fmt.Sprintf("the API at %s does not know the token in %s", c.at.text, c.tokenFile)
	}
	return fmt.Sprintf("the API at %s wants a token or a client certificate: use --token-file, %s, or --cert and --key", c.at.text, fileVariable)
}

func (c *client) ofToken() string {
	if c.token == "" {
		return ""
	}
	return " (the token is that of " + c.tokenFile + ")"
}

// unreachable says why there is no answer, and what to look at.
func (c *client) unreachable(err error) error {
	if u := (*url.Error)(nil); errors.As(err, &u) {
		err = u.Err
	}
	hint := ""
	switch text := err.Error(); {
	case errors.Is(err, context.Canceled):
		return errInterrupted
	case strings.Contains(text, "server gave HTTP response to HTTPS client"):
		hint = ": it does not speak TLS, so use --api " + c.at.host + " without --ca and --cert"
	case strings.Contains(text, "certificate"):
		hint = ": --ca has the authorities that are trusted"
	case strings.Contains(text, "connection refused"), strings.Contains(text, "no such file"):
		hint = ": is the server running, with \"api " + c.at.property() + "\" in its Corefile? --api and " + apiVariable + " name another address"
	}
	return fmt.Errorf("no answer from the API at %s: %w%s", c.at.text, err, hint)
}

// property returns the address as it stands in a Corefile.
func (a *address) property() string {
	if a.socket != "" {
		return a.text
	}
	return a.host
}

var errInterrupted = errors.New("interrupted")

// statusOf returns the status of a failure, or 0.
func statusOf(err error) int {
	if f := (*failure)(nil); errors.As(err, &f) {
		return f.Status
	}
	return 0
}
