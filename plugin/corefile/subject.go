package corefile

import (
	"cmp"
	"net/netip"
	"strings"
)

// A subject is what a check asks about: an endpoint of a pool, or a witness.
type subject struct {
	Endpoint
	record string // absolute name; of a witness, its own name or address
	pool   string // "" for a witness
}

// An Endpoint is what an endpoint is to its checks.
type Endpoint struct {
	addr  netip.Addr // invalid for a host name and for next
	host  string     // absolute and lower case, or ""
	probe netip.Addr // asked instead of addr; invalid if it is not set
	name  string     // without one its address, or "" if that is not known here
	port  uint16     // 0 if it is not set
}

// asked returns the address that probes ask. It is invalid if they ask each that
// the endpoint has.
func (e Endpoint) asked() netip.Addr { return cmp.Or(e.probe, e.addr) }

// String returns the TARGET as it is written.
func (e Endpoint) String() string {
	switch {
	case e.host != "":
		return e.host
	case e.addr.IsValid():
		return e.addr.String()
	default:
		return nextTarget
	}
}

// nextTarget is the TARGET that stands for the addresses that the next plugins have.
const nextTarget = "next"

// hostOf returns the record's name for a Host header, if it can be one.
func (s subject) hostOf() string {
	if strings.HasPrefix(s.record, "*.") {
		return ""
	}
	return strings.TrimSuffix(s.record, ".")
}
