package admin

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// A caller is who calls, and what they may do.
type caller struct {
	actor     string // for events and overrides
	role      Role
	heartbeat string // of RoleHeartbeat
}

// may reports whether the caller may make a request.
func (c *caller) may(r *http.Request) bool {
	switch c.role {
	case RoleWrite:
		return true
	case RoleRead:
		return r.Method == http.MethodGet || r.Method == http.MethodHead
	default:
		name, ok := strings.CutPrefix(r.URL.Path, heartbeatPath)
		return ok && r.Method == http.MethodPost && name == c.heartbeat
	}
}

// callerOf returns who makes a request, or nil for credentials that are missing or wrong.
func (a *access) callerOf(r *http.Request) *caller {
	if r.TLS != nil && len(r.TLS.VerifiedChains) > 0 {
		return &caller{actor: r.TLS.PeerCertificates[0].Subject.String(), role: RoleWrite}
	}
	if a.config.isOpen() {
		if _, ok := a.config.socket(); ok {
			return &caller{actor: "socket", role: RoleWrite}
		}
		return &caller{actor: "loopback", role: RoleWrite}
	}
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return a.byToken(r.Context(), token)
	}
	_, password, ok := r.BasicAuth()
	if !ok {
		return nil
	}
	c := a.byToken(r.Context(), password)
	if c == nil || c.role == RoleHeartbeat {
		return nil
	}
	return &caller{actor: c.actor, role: RoleRead} // a browser sends it with requests of others too
}

// byToken returns who knows a token, or nil. It takes as long for a wrong one as for a
// right one.
func (a *access) byToken(ctx context.Context, token string) (found *caller) {
	given := sha256.Sum256([]byte(token))
	for i := range a.config.Tokens {
		t := &a.config.Tokens[i]
		want, err := a.secrets[i].Reveal(ctx)
		sum := sha256.Sum256([]byte(want))
		if err == nil && want != "" && subtle.ConstantTimeCompare(given[:], sum[:]) == 1 {
			found = &caller{actor: string(t.Role), role: t.Role, heartbeat: t.Heartbeat}
		}
	}
	return found
}

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
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
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
