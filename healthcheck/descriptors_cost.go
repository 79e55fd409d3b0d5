package healthcheck

import "net/netip"

// costOf returns how many descriptors a probe has open at a time: a socket, if it
// does not say otherwise.
func costOf(c Check) int64 {
	if v, ok := c.(interface{ descriptors() int64 }); ok {
		return v.descriptors()
	}
	return 1
}

// A program has a pipe for its output and is waited for by a descriptor; its
// other pipe end, and /dev/null, are open until it runs.
func (Exec) descriptors() int64 { return 4 }

func (c HTTP) descriptors() int64 {
	if c.Redirects > 0 {
		return lookupSockets // they may lead to a name
	}
	return c.Target.descriptors()
}
func (c TCP) descriptors() int64        { return c.Target.descriptors() }
func (c TLS) descriptors() int64        { return c.Target.descriptors() }
func (c GRPC) descriptors() int64       { return c.Target.descriptors() }
func (c DNS) descriptors() int64        { return c.Target.descriptors() }
func (c UDP) descriptors() int64        { return c.Target.descriptors() }
func (c Prometheus) descriptors() int64 { return c.Server.descriptors() }

// lookupSockets are open while a name is looked up: A and AAAA are asked for at
// the same time.
const lookupSockets = 2

func (t Target) descriptors() int64 {
	if _, err := netip.ParseAddr(t.host(netip.IPv6Unspecified())); err != nil {
		return lookupSockets
	}
	return 1
}
