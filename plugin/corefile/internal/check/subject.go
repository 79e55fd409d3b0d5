package check

import (
	"cmp"
	"net/netip"
	"strings"
)

// A subject is what a check asks about: an endpoint of a pool, or a witness.
type Subject struct {
	Endpoint
	Record string // absolute name; of a witness, its own name or address
	Pool   string // "" for a witness
}

// An Endpoint is what an endpoint is to its checks.
type Endpoint struct {
	Addr  netip.Addr // invalid for a host name and for next
	Host  string     // absolute and lower case, or ""
	Probe netip.Addr // asked instead of addr; invalid if it is not set
	Name  string     // without one its address, or "" if that is not known here
	Port  uint16     // 0 if it is not set
}

// asked returns the address that probes ask. It is invalid if they ask each that
// the endpoint has.
func (e Endpoint) asked() netip.Addr { return cmp.Or(e.Probe, e.Addr) }

// String returns the TARGET as it is written.
func (e Endpoint) String() string {
	switch {
	case e.Host != "":
		return e.Host
	case e.Addr.IsValid():
		return e.Addr.String()
	default:
		return NextTarget
	}
}

// nextTarget is the TARGET that stands for the addresses that the next plugins have.
const NextTarget = "next"

// hostOf returns the record's name for a Host header, if it can be one.
func (s Subject) hostOf() string {
	if strings.HasPrefix(s.Record, "*.") {
		return ""
	}
	return strings.TrimSuffix(s.Record, ".")
}
