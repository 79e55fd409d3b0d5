package probe

import "github.com/coredns-failover/failover/healthcheck"

// NeedsAuthorities reports whether a check verifies certificates with the
// authorities of this system.
func NeedsAuthorities(c healthcheck.Check) bool {
	v, ok := c.(interface{ needsAuthorities() bool })
	return ok && v.needsAuthorities()
}

func (c HTTP) needsAuthorities() bool       { return c.TLS && c.TLSOptions.usesSystem() }
func (c TLS) needsAuthorities() bool        { return c.TLSOptions.usesSystem() }
func (c TCP) needsAuthorities() bool        { return c.Dialogue.StartsTLS() && c.TLSOptions.usesSystem() }
func (c GRPC) needsAuthorities() bool       { return c.TLS && c.TLSOptions.usesSystem() }
func (c DNS) needsAuthorities() bool        { return c.Transport == "tls" && c.TLSOptions.usesSystem() }
func (c Prometheus) needsAuthorities() bool { return c.TLS && c.TLSOptions.usesSystem() }

// usesSystem reports whether certificates are verified with the authorities of this
// system.
func (o TLSOptions) usesSystem() bool { return o.CA == "" && !o.Insecure }
