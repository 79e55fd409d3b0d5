package probe

import "net/netip"

// Descriptors returns how many descriptors a probe has open at a time: one end of the
// pipe for the output, and a process descriptor. The other end of the pipe and /dev/null
// are open until the program runs.
func (Exec) Descriptors() int64 { return 4 }

// Descriptors returns how many descriptors a probe has open at a time.
func (c HTTP) Descriptors() int64 {
	if c.Redirects > 0 {
		return lookupSockets // to a name, perhaps
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

// lookupSockets is how many sockets are open while a name is looked up: A and AAAA are
// queried at the same time.
const lookupSockets = 2

func (t Target) descriptors() int64 {
	if _, err := netip.ParseAddr(t.host(netip.IPv6Unspecified())); err != nil {
		return lookupSockets
	}
	return 1
}
