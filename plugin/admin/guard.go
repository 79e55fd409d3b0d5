package admin

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"path"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/coredns-failover/failover/plugin/event"
)

// callerKey is the key of the caller in the context of a request.
type callerKey struct{}

// guarded lets nobody in who has no credentials, or whom the page of somebody else sends.
func (s *Service) guarded(next http.Handler, now func() *access) http.Handler {
	sameOrigin := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer s.recovered(w)
		a := now()
		http.NewResponseController(w).SetWriteDeadline(time.Now().Add(answerWait))
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		who := a.callerOf(r)
		switch {
		case a.isStale(r):
			w.Header().Set("Connection", "close")
			problem(http.StatusBadRequest, "the connection is older than the Corefile, which changed whether there is TLS").write(w)
		case !a.hostAllowed(r):
			problem(http.StatusForbidden, "the Host header is not an IP address, localhost or a name of the certificate").write(w)
		case sameOrigin.Check(r) != nil:
			problem(http.StatusForbidden, "the request comes from a page of somebody else").write(w)
		case who == nil && r.URL.EscapedPath() != healthPath:
			w.Header().Set("WWW-Authenticate", `Basic realm="failover", charset="UTF-8"`)
			w.Header().Add("WWW-Authenticate", "Bearer")
			problem(http.StatusUnauthorized, "expected a token or a client certificate").write(w)
		case path.Clean(r.URL.EscapedPath()) != r.URL.EscapedPath():
			notFound(w, r) // http.ServeMux would redirect
		default:
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, who)))
		}
	})
}

// recovered answers for a handler that panicked, and warns.
func (s *Service) recovered(w http.ResponseWriter) {
	switch p := recover(); p {
	case nil:
	case http.ErrAbortHandler:
		panic(p)
	default:
		s.backend.Warn("api: panic: %s\n%s", event.Printable(fmt.Sprint(p)), debug.Stack())
		problem(http.StatusInternalServerError, "this is a fault of the server, which its log describes").write(w)
	}
}

func notFound(w http.ResponseWriter, _ *http.Request) {
	problem(http.StatusNotFound, "there is nothing here; /openapi.json describes what there is").write(w)
}

// isStale reports whether a connection was made when the API had TLS and no longer has, or
// the other way round.
func (a *access) isStale(r *http.Request) bool { return (r.TLS != nil) != (a.tls != nil) }

// hostAllowed reports whether the Host header is one that the page of somebody else
// cannot make a browser send: a name that they own may lead to this server (DNS
// rebinding).
func (a *access) hostAllowed(r *http.Request) bool {
	if _, ok := a.config.socket(); ok {
		return true
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if inner, ok := strings.CutPrefix(host, "["); ok {
		host = strings.TrimSuffix(inner, "]")
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if _, err := netip.ParseAddr(host); err == nil || host == "localhost" {
		return true
	}
	return slices.ContainsFunc(a.names(), func(name string) bool { return matches(name, host) })
}

// matches reports whether a name of a certificate, which may be a wildcard, is a host.
func matches(name, host string) bool {
	name = strings.ToLower(name)
	if rest, ok := strings.CutPrefix(name, "*."); ok {
		_, parent, found := strings.Cut(host, ".")
		return found && parent == rest
	}
	return name == host
}
