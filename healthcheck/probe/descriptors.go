package probe

import "net/netip"

// Descriptors returns how many descriptors a probe has open at a time: a program
// has a pipe for its output and is waited for by a descriptor. Its other pipe end, and
// /dev/null, are open until it runs.
func (Exec) Descriptors() int64 { return 4 }

// Descriptors returns how many descriptors a probe has open at a time.
func (c HTTP) Descriptors() int64 {
	if c.Redirects > 0 {
		return lookupSockets // they may lead to a name
	}
	return c.Target.descriptors()
}

// Descriptors returns how many descriptors a probe has open at a time.
func (c TCP) Descriptors() int64 { return c.Target.descriptors() }

// Descriptors returns how many descriptors a probe has open at a time.
func (c TLS) Descriptors() int64 { return c.Target.descriptors() }

// Descriptors returns how many descriptors a probe has open at a time.
func (c GRPC) Descriptors() int64 { return c.Target.descriptors() }

// Descriptors returns how many descriptors a probe has open at a time.
func (c DNS) Descriptors() int64 { return c.Target.descriptors() }

// Descriptors returns how many descriptors a probe has open at a time.
func (c UDP) Descriptors() int64 { return c.Target.descriptors() }

// Descriptors returns how many descriptors a probe has open at a time.
func (c Prometheus) Descriptors() int64 { return c.Server.descriptors() }

// lookupSockets are open while a name is looked up: A and AAAA are asked for at
// the same time.
const lookupSockets = 2

func (t Target) descriptors() int64 {
	if _, err := netip.ParseAddr(t.host(netip.IPv6Unspecified())); err != nil {
		return lookupSockets
	}
	return 1
}
