package zone

import (
	"strings"

	"github.com/miekg/dns"
)

// A Content has the names of one zone of the next plugins that a wildcard might cover. It
// is filled first and then read by any number of goroutines. The zero value is a zone
// with no known names.
type Content struct {
	names map[string]kind // in lower case, without the apex
}

// A kind is the kind of a name in a zone.
type kind uint8

const (
	emptyNonTerminal kind = iota + 1 // RFC 9499: it owns no records, but a name below it does
	owner                            // of records
	cut                              // a delegation
)

// Add adds the owner of a record in the zone apex, if it is below one of parents, or a
// delegation above one.
func (c *Content) Add(apex string, parents Parents, rr dns.RR) {
	h := rr.Header()
	k := owner
	switch h.Rrtype {
	case dns.TypeRRSIG, dns.TypeNSEC, dns.TypeNSEC3: // a proof makes no name exist
		return
	case dns.TypeNS:
		k = cut
	}
	name := strings.ToLower(h.Name) // file keeps the case of SRV owners
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

// owns reports whether a name in the zone apex belongs to that zone, and not to a wildcard
// at parent, which is in the zone too.
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

// Contents are the contents of the zones of the next plugins by apex.
type Contents map[string]*Content

// own reports whether a name belongs to the zone that it is in, and not to a wildcard at
// parent, a name above it. It does if it exists in the zone, if a name between the two
// does, or if it is at or below a delegation (RFC 4592, sections 2.2.1 and 4.2). An
// empty non-terminal itself belongs to the wildcard: otherwise an ACME challenge below a
// name would end the wildcard's answers for that name.
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

// Parents are the parents of wildcards, x for *.x, with value true, and all names above
// them, with value false.
type Parents map[string]bool

// NewParents returns the parents of wildcards, which begin with an asterisk.
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
