package check

import (
	"cmp"
	"net/netip"
	"strings"
)

// A Subject is what is checked: an endpoint of a pool, or a witness.
type Subject struct {
	Endpoint
	Record string // absolute name; for a witness, its name or address
	Pool   string // "" for a witness
}

// An Endpoint is what checks depend on in an endpoint. Without Addr and Host it is the
// TARGET next.
type Endpoint struct {
	Addr  netip.Addr // invalid for a host name and for next
	Host  string     // absolute and lower case, or ""
	Probe netip.Addr // probed instead of Addr; invalid if it is not set
	Name  string     // the address if none is set; "" if the Corefile has neither
	Port  uint16     // 0 if it is not set
}

// probed returns the address that is probed. It is invalid for a host name and for next
// without the property probe.
func (e Endpoint) probed() netip.Addr { return cmp.Or(e.Probe, e.Addr) }

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

// NextTarget is the TARGET for the addresses that the next plugins have.
const NextTarget = "next"

// hostName returns the name of the record as a host name, or "" for a wildcard.
func (s Subject) hostName() string {
	if strings.HasPrefix(s.Record, "*.") {
		return ""
	}
	return strings.TrimSuffix(s.Record, ".")
}
