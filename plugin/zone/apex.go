package zone

import "cmp"

// Apexes are the names that may own the SOA of negative answers.
type Apexes struct {
	blocks Index // zones of the server block, without the root
	zones  Index // ZONEs of the failover blocks, if blocks has the root
	signed Index // zones that are signed in the server block
}

// NewApexes returns the apexes in a server block: its zones, and the ZONEs of its
// failover blocks. All are absolute and in lower case.
func NewApexes(blocks, zones []string) Apexes {
	a := Apexes{blocks: NewIndex(blocks)}
	if _, ok := a.blocks["."]; ok {
		a.zones = NewIndex(zones)
		delete(a.blocks, ".")
	}
	return a
}

// Sign sets the zones that the dnssec plugin signs in the server block. Validators accept
// a SOA only from the zone whose key has signed it.
func (a *Apexes) Sign(zones []string) { a.signed = NewIndex(zones) }

// Of returns the apex of the zone that name is in: the zone of the server block that
// encloses it, or in a block for the root the ZONE that does. If there is none, it
// returns "". A signed zone that encloses the name takes precedence over either.
func (a Apexes) Of(name string) string {
	z := cmp.Or(a.blocks.Match(name), a.zones.Match(name))
	if z == "" {
		return ""
	}
	return cmp.Or(a.signed.Match(name), z)
}

// Signed returns the signed zone that name is in, or "".
func (a Apexes) Signed(name string) string { return a.signed.Match(name) }

// Above returns the topmost name that can exist because of a record with this name: the
// zone of the server block that encloses it, or the root.
func (a Apexes) Above(name string) string {
	return cmp.Or(a.blocks.Match(name), ".")
}
