package admin

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"net/http"
	"slices"
	"strings"
)

// A caller is who calls, and what they may do.
type caller struct {
	actor     string // for events and overrides
	role      Role
	heartbeat string // of RoleHeartbeat
}

// may reports whether the caller may use a route. name is the NAME in its path.
func (c *caller) may(rt *route, name string) bool {
	return slices.Contains(rt.roles, c.role) && (c.role != RoleHeartbeat || name == c.heartbeat)
}

// callerOf returns who makes a request, or nil for credentials that are missing or wrong.
func (a *access) callerOf(r *http.Request) *caller {
	if c := a.byCertificate(r); c != nil {
		return c
	}
	if a.config.isOpen() {
		if _, ok := a.config.socket(); ok {
			return &caller{actor: "socket", role: RoleWrite}
		}
		return &caller{actor: "loopback", role: RoleWrite}
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Bearer") {
		return a.byToken(r.Context(), strings.TrimLeft(token, " "))
	}
	_, password, ok := r.BasicAuth()
	if !ok {
		return nil
	}
	c := a.byToken(r.Context(), password)
	switch {
	case c == nil:
		return nil
	case c.role == RoleHeartbeat: // which may GET nothing
		return &caller{role: RoleHeartbeat}
	}
	return &caller{actor: c.actor, role: RoleRead} // a browser sends it with requests of others too
}

// byCertificate returns who has a certificate of the authorities of clients, or nil. They
// are verified for every request: a connection may be older than the file of authorities.
func (a *access) byCertificate(r *http.Request) *caller {
	if a.roots == nil || r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return nil
	}
	roots, err := a.roots.Get(r.Context())
	if err != nil {
		return nil
	}
	between := x509.NewCertPool()
	for _, cert := range r.TLS.PeerCertificates[1:] {
		between.AddCert(cert)
	}
	cert := r.TLS.PeerCertificates[0]
	_, err = cert.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	if err != nil {
		return nil
	}
	return &caller{actor: cert.Subject.String(), role: RoleWrite}
}

// byToken returns who knows a token, or nil. It takes as long for a wrong one as for a
// right one.
func (a *access) byToken(ctx context.Context, token string) (found *caller) {
	given := sha256.Sum256([]byte(token))
	for i := range a.config.Tokens {
		t := &a.config.Tokens[i]
		want, err := a.secrets[i].Reveal(ctx)
		sum := sha256.Sum256([]byte(want))
		if subtle.ConstantTimeCompare(given[:], sum[:]) == 1 && err == nil && want != "" {
			found = &caller{actor: string(t.Role), role: t.Role, heartbeat: t.Heartbeat}
		}
	}
	return found
}
