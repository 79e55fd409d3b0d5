package zone

import "cmp"

// Apexes are the names that may own the SOA of negative answers.
type Apexes struct {
	blocks Index // zones of the server block, without the root
	zones  Index // ZONEs of the failover blocks, if the root is among the former
	signed Index // zones that are signed in the server block
}

// NewApexes sorts the zones of a server block and those that its failover blocks
// name. All are absolute and in lower case.
func NewApexes(blocks, zones []string) Apexes {
	a := Apexes{blocks: NewIndex(blocks)}
	if _, ok := a.blocks["."]; ok {
		a.zones = NewIndex(zones)
		delete(a.blocks, ".")
	}
	return a
}

// Sign notes which zones the plugin dnssec signs in the server block. Validators
// take the SOA of no other zone than the one whose key has signed it.
func (a *Apexes) Sign(zones []string) { a.signed = NewIndex(zones) }

// Of returns the apex of the zone that name is in: the server block's zone that
// encloses it, in a block for the root the enclosing ZONE, and "" if there is
// neither. Where that has one and a signed zone encloses the name, it is that.
func (a Apexes) Of(name string) string {
	z := cmp.Or(a.blocks.Match(name), a.zones.Match(name))
	if z == "" {
		return ""
	}
	return cmp.Or(a.signed.Match(name), z)
}

// Signed returns the signed zone that name is in, or "".
func (a Apexes) Signed(name string) string { return a.signed.Match(name) }

// Above returns the topmost name that can exist because of a record: the server
// block's zone that encloses it, or the root.
func (a Apexes) Above(name string) string {
	return cmp.Or(a.blocks.Match(name), ".")
}
