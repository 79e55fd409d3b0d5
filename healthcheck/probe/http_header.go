package probe

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/netip"
	"strings"

	"github.com/coredns-failover/failover/healthcheck/reload"
)

const userAgent = "coredns-failover"

// headers are the header fields of a check's requests, without Host.
type headers []headerField

// A headerField is a header field whose value is format of value and the probed address.
type headerField struct {
	name   string
	value  reload.Secret
	format func(value string, addr netip.Addr) string
}

func newHeaders(c HTTP) (h headers) {
	for line := range strings.Lines(c.Headers) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		h = append(h, newHeader(name, value))
	}
	if c.Bearer != "" {
		h = append(h, headerField{"Authorization", reload.NewSecret(c.Bearer), bearer})
	}
	if c.User != "" || c.Password != "" {
		h = append(h, headerField{"Authorization", reload.NewSecret(c.Password), basicAuth(c.User)})
	}
	return h
}

// newHeader returns the field for a header of the Corefile. A Placeholder in it is
// replaced; the content of a file is sent as it is.
func newHeader(name, value string) headerField {
	f := headerField{name, reload.NewSecret(value), expand}
	if f.value.InFile() {
		f.format = func(value string, _ netip.Addr) string { return value }
	}
	return f
}

func bearer(token string, _ netip.Addr) string { return "Bearer " + token }

func basicAuth(user string) func(string, netip.Addr) string {
	return func(password string, _ netip.Addr) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	}
}

// fill returns the header of a request to addr.
func (h headers) fill(ctx context.Context, addr netip.Addr) (http.Header, error) {
	header := make(http.Header, len(h)+1)
	for _, f := range h {
		value, err := f.value.Reveal(ctx)
		if err != nil {
			return nil, fmt.Errorf("header %s: %w", f.name, err)
		}
		header.Add(f.name, f.format(value, addr))
	}
	if _, ok := header["User-Agent"]; !ok {
		header.Set("User-Agent", userAgent)
	}
	return header, nil
}
