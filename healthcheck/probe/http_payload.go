package probe

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/coredns-failover/failover/healthcheck/reload"
)

// newPayload returns the body of requests from s, a literal or "file:PATH".
func newPayload(s string) reload.Secret {
	return reload.NewSecretFrom(s, readPayload)
}

// maxPayload is the size of the largest file that is accepted.
const maxPayload = 1 << 20

// readPayload returns the content of a file, newlines included. An empty file is an error:
// it is about to be written.
func readPayload(paths []string) (string, error) {
	f, err := os.Open(paths[0])
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxPayload+1))
	switch {
	case err != nil:
		return "", err
	case len(text) == 0:
		return "", fmt.Errorf("%s is empty", paths[0])
	case len(text) > maxPayload:
		return "", fmt.Errorf("%s has more than 1 MiB", paths[0])
	}
	return string(text), nil
}

// load sets the payload as the body of req, which may have any method.
func (p *httpProber) load(ctx context.Context, req *http.Request) error {
	if p.check.Payload == "" {
		return nil
	}
	text, err := p.payload.Reveal(ctx)
	if err != nil {
		return fmt.Errorf("payload: %w", err)
	}
	req.ContentLength = int64(len(text))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
	req.Body, err = req.GetBody()
	return err
}

// unload removes the payload from a request that follows a redirect.
func unload(req *http.Request) { req.Body, req.GetBody, req.ContentLength = nil, nil, 0 }

// removeContent removes the header fields that describe a payload, as browsers do for a
// redirect that drops it (Fetch, "HTTP-redirect fetch").
func removeContent(h http.Header) {
	for _, name := range []string{"Content-Type", "Content-Encoding", "Content-Language", "Content-Location"} {
		h.Del(name)
	}
}
