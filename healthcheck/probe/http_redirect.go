package probe

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// isRedirect reports whether an [http.Client] would follow resp.
func isRedirect(resp *http.Response) bool {
	switch resp.StatusCode {
	case 301, 302, 303, 307, 308:
		return resp.Header.Get("Location") != ""
	}
	return false
}

// follow returns an error for a redirect that is not followed, and else prepares req. A
// redirect to the own host carries all that the check sets: header, payload, credentials.
// After a redirect to another host or out of TLS, no request carries any of it, even if a
// later redirect leads back.
func (x *exchange) follow(req *http.Request, via []*http.Request) error {
	if x.err = x.refuse(req.URL, len(via)); x.err != nil {
		return x.err
	}
	last := via[len(via)-1]
	x.leftHost = x.leftHost || !x.isOwn(req.URL.Hostname()) || last.URL.Scheme == "https" && req.URL.Scheme == "http"
	req.Close = x.leftHost || via[0].Close
	if x.leftHost {
		req.Host, req.URL.User = "", nil
		req.Header = http.Header{"User-Agent": {userAgent}}
		unload(req)
		return nil
	}
	req.Header = via[0].Header.Clone() // no Referer: it would quote a path
	if x.check.Payload != "" && req.Body == nil {
		removeContent(req.Header)
	}
	return nil
}

// refuse returns why the nth redirect, to u, is not followed, or nil.
func (x *exchange) refuse(u *url.URL, nth int) error {
	switch {
	case nth > x.check.Redirects:
		return fmt.Errorf("more than %d redirects", x.check.Redirects)
	case u.Scheme != "http" && u.Scheme != "https":
		return errors.New("redirect to a scheme other than http and https")
	case u.Hostname() == "":
		return errors.New("redirect to no host")
	}
	return nil
}

// isOwn reports whether the host of a URL is that of the check, by name or by address.
func (x *exchange) isOwn(host string) bool {
	host = strings.TrimSuffix(host, ".")
	target := x.check.Target.host(x.addr)
	if strings.EqualFold(host, x.check.Host) || strings.EqualFold(host, target) {
		return true
	}
	a, err := netip.ParseAddr(host)
	b, err2 := netip.ParseAddr(target)
	return err == nil && err2 == nil && a.Unmap() == b.Unmap()
}
