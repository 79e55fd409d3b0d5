package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/coredns-failover/failover/plugin/admin"
)

// Bounds of how long the API may take.
const (
	dialWait   = 5 * time.Second
	answerWait = 30 * time.Second
)

// A client calls the API.
type client struct {
	at        address
	http      *http.Client
	token     string
	tokenFile string
}

// connect returns a client. Nothing is sent yet.
func (a *app) connect() (*client, error) {
	at, err := readAddress(a.api)
	if err != nil {
		return nil, err
	}
	at.tls = at.tls || a.ca != "" || a.cert != ""
	c := &client{at: at, tokenFile: cmp.Or(a.tokenFile, os.Getenv(fileVariable))}
	if c.token, err = readToken(c.tokenFile); err != nil {
		return nil, err
	}
	if c.token != "" && !at.private() {
		return nil, fmt.Errorf("the token of %s is not sent to %s in the clear: use https://%s or --ca", c.tokenFile, at.text, at.host)
	}
	config, err := a.tlsConfig()
	if err != nil {
		return nil, err
	}
	dialer := net.Dialer{Timeout: dialWait}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, TLSClientConfig: config, TLSHandshakeTimeout: dialWait,
		ResponseHeaderTimeout: answerWait,
	}
	if at.socket != "" {
		transport.Proxy = nil
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", at.socket)
		}
	}
	c.http = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return c, nil
}

// get returns the answer to a GET.
func (c *client) get(ctx context.Context, path string) ([]byte, error) {
	return c.call(ctx, http.MethodGet, path, nil)
}

// post returns the answer to a POST of a value.
func (c *client) post(ctx context.Context, path string, v any) ([]byte, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return c.call(ctx, http.MethodPost, path, body)
}

// call returns the body of an answer. That of a failure comes with a *failure.
func (c *client) call(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*answerWait)
	defer cancel()
	r, err := c.request(ctx, method, path, body)
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("the answer of the API at %s broke off: %w", c.at.text, err)
	}
	return text, c.failureOf(r, text)
}

// request sends a request. header has names and values.
func (c *client) request(ctx context.Context, method, path string, body []byte, header ...string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.at.url()+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	r.Header.Set("User-Agent", "failoverctl")
	answer, err := c.http.Do(r)
	if err != nil {
		return nil, c.unreachable(err)
	}
	return answer, nil
}

// decode reads an answer of the API.
func decode[T any](text []byte) (v T, err error) {
	if err := json.Unmarshal(text, &v); err != nil {
		return v, fmt.Errorf("the answer is not that of the API: %w", err)
	}
	return v, nil
}

const recordsPath = "/v1/records"

func recordPath(name string) string { return recordsPath + "/" + url.PathEscape(name) }

// records returns the records of a name, or all if it is "", and the answer as it is.
func (c *client) records(ctx context.Context, name string) ([]admin.RecordView, []byte, error) {
	path := recordsPath
	if name != "" {
		path = recordPath(name)
	}
	text, err := c.get(ctx, path)
	if err != nil {
		return nil, text, err
	}
	list, err := decode[admin.RecordList](text)
	return list.Records, text, err
}
