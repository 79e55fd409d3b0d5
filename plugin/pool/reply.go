package pool

import (
	"time"

	"github.com/miekg/dns"
)

// A Reply is what somebody else says of the addresses of a name in one family:
// the plugins behind, or a resolver. It is shared and never changed.
type Reply struct {
	Aliases []dns.RR // the CNAMEs and DNAMEs that lead to the addresses, in their order
	Addrs   []dns.RR // A or AAAA, all of one owner; empty if the name has none of them
	Sigs    []dns.RR // RRSIGs over any of these
	// Negative is the whole message if there is no address in it, else nil.
	Negative *dns.Msg
	// Aging says that it is a copy of somebody's data whose TTLs count down
	// from At on, and not the data itself.
	Aging bool
	At    time.Time     // when it was given
	TTL   time.Duration // for how long it may be kept from then on
}
