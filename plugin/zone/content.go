package zone

import (
	"strings"

	"github.com/miekg/dns"
)

// A Content is the names of one zone that the next plugins serve, as far as they
// lie below wildcards. It is filled first and then read by any number of
// goroutines. The zero value is a zone of which nothing is known.
type Content struct {
	names map[string]kind // in lower case, without the apex
}

// A kind is what a name is in a zone.
type kind uint8

const (
	emptyNonTerminal kind = iota + 1 // RFC 8499: it owns no records, but a name below it does
	owner                            // of records
	cut                              // a delegation
)

// Add puts a record of the zone apex into c, if its owner is below one of
// parents, or a delegation above one.
func (c *Content) Add(apex string, parents Parents, rr dns.RR) {
	h := rr.Header()
	k := owner
	switch h.Rrtype {
	case dns.TypeRRSIG, dns.TypeNSEC, dns.TypeNSEC3: // no name exists because of its proof alone
		return
	case dns.TypeNS:
		k = cut
	}
	name := strings.ToLower(h.Name) // file leaves the owners of SRV records as they are
	if name == apex || !parents.Above(name) && (k != cut || !parents.Below(name)) {
		return
	}
	if c.names == nil {
		c.names = make(map[string]kind)
	}
	c.names[name] = max(c.names[name], k)
	for name = Parent(name); name != apex && c.names[name] == 0 && parents.Above(name); name = Parent(name) {
		c.names[name] = emptyNonTerminal
	}
}

// owns reports whether a name of the zone apex is the zone's, and not covered by
// a wildcard at parent, which the zone encloses.
func (c *Content) owns(name, apex, parent string) bool {
	empty := c.names[name] == emptyNonTerminal
	for i, end := 0, false; !end && len(name)-i > len(apex); i, end = dns.NextLabel(name, i) {
		switch k, below := c.names[name[i:]], len(name)-i > len(parent); {
		case k == cut, k == owner && below, k == emptyNonTerminal && below && !empty:
			return true
		}
	}
	return false
}

// Contents are those of the zones that the next plugins serve, by their apexes. A
// nil value is of no zone.
type Contents map[string]*Content

// own reports whether a name below parent, where a wildcard stands, is left to the
// zone that it is in: it, or a name between the two, exists there, or it is at or
// below a delegation (RFC 4592, sections 2.2.1 and 4.2). An empty non-terminal is
// the wildcard's itself, so that the name of an ACME challenge does not take away
// the one above it.
func (cs Contents) own(name, parent string) bool {
	for i, end := 0, false; ; i, end = dns.NextLabel(name, i) {
		apex := "."
		if !end {
			apex = name[i:]
		}
		if c, ok := cs[apex]; ok {
			return len(apex) > len(parent) || c.owns(name, apex, parent)
		}
		if end {
			return false
		}
	}
}

// Parents are the names at which wildcards stand, and which of the names above
// them there are.
type Parents map[string]bool // true at the parents, false above

// NewParents returns those of wildcards, which begin with an asterisk.
func NewParents(wildcards []string) Parents {
	ps := make(Parents)
	for _, name := range wildcards {
		name = Parent(name)
		ps[name] = true
		for name != "." {
			name = Parent(name)
			if !ps[name] {
				ps[name] = false
			}
		}
	}
	return ps
}

// Above reports whether a wildcard may cover a name: a parent is above it.
func (ps Parents) Above(name string) bool {
	for name != "." {
		if name = Parent(name); ps[name] {
			return true
		}
	}
	return false
}

// Below reports whether a parent is at or below a name.
func (ps Parents) Below(name string) bool {
	_, ok := ps[name]
	return ok
}
