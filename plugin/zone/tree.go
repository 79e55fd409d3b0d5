// Package zone knows which names are ours: the records of a server block, what
// their wildcards cover, and what exists only because a record stands below it.
package zone

import (
	"strings"
	"sync/atomic"

	"github.com/miekg/dns"
)

// A Tree finds what a name belongs to; R is what it holds of a record. It is
// filled first and then read by any number of goroutines.
type Tree[R any] struct {
	nodes    map[string]*node[R]
	contents atomic.Pointer[Contents]
}

type node[R any] struct {
	record   R
	owned    bool // record is set: this is a record's own name
	exists   bool // this is a record's name, or a record stands below it
	inside   bool // this is a zone, or below one
	wildcard *node[R]
}

// A Match says what a name is to a Tree.
type Match uint8

// The kinds of names.
const (
	OutOfZone        Match = iota // at or below no zone of ours
	InZone                        // below a zone of ours, but neither of the following
	EmptyNonTerminal              // a record stands below it, be the name in a zone of ours or above it
	Record                        // a record's own name, or one that a wildcard covers
)

// AddZone makes all names at and below an absolute, lower-case name [InZone]. All
// zones are added before the first record.
func (t *Tree[R]) AddZone(name string) { t.node(name).inside = true }

// AddRecord puts a record under its absolute, lower-case name, which may be a
// wildcard. The names above it exist from now on, apex included.
func (t *Tree[R]) AddRecord(name, apex string, record R) {
	n := t.node(name)
	n.record, n.owned, n.exists = record, true, true
	n.inside = n.inside || t.inside(name)
	if strings.HasPrefix(name, "*.") {
		t.node(Parent(name)).wildcard = n
	}
	for name != apex && name != "." {
		name = Parent(name)
		above := t.node(name)
		above.exists = true
		above.inside = above.inside || t.inside(name)
	}
}

// SetContents leaves the names that exist in the zones of the next plugins to
// these zones from now on, where a wildcard would cover them.
func (t *Tree[R]) SetContents(cs Contents) { t.contents.Store(&cs) }

// Find returns the record of an absolute, lower-case name: its own, or that of
// the wildcard beside its closest encloser (RFC 4592, section 3.3.1). For other
// kinds of names the record is the zero value.
func (t *Tree[R]) Find(name string) (R, Match) {
	var none R
	n, ok := t.nodes[name]
	switch {
	case ok && n.owned:
		return n.record, Record
	case ok && n.exists:
		return none, EmptyNonTerminal
	}
	n, above := t.closest(name)
	switch {
	case n == nil || !n.inside:
		return none, OutOfZone
	case n.wildcard != nil && !t.isLeft(name, above):
		return n.wildcard.record, Record
	default:
		return none, InZone
	}
}

// isLeft reports whether a name below parent is left to a zone of the next
// plugins.
func (t *Tree[R]) isLeft(name, parent string) bool {
	cs := t.contents.Load()
	return cs != nil && cs.own(name, parent)
}

// closest returns the node of name, or else of the nearest name above it, and
// which name that is.
func (t *Tree[R]) closest(name string) (n *node[R], at string) {
	for i, end := 0, false; !end; i, end = dns.NextLabel(name, i) {
		if n, ok := t.nodes[name[i:]]; ok {
			return n, name[i:]
		}
	}
	return t.nodes["."], "."
}

// inside reports whether name is at or below a zone.
func (t *Tree[R]) inside(name string) bool {
	for ; name != "."; name = Parent(name) {
		if n, ok := t.nodes[name]; ok && n.inside {
			return true
		}
	}
	n, ok := t.nodes["."]
	return ok && n.inside
}

func (t *Tree[R]) node(name string) *node[R] {
	if t.nodes == nil {
		t.nodes = make(map[string]*node[R])
	}
	n, ok := t.nodes[name]
	if !ok {
		n = new(node[R])
		t.nodes[name] = n
	}
	return n
}

// Parent returns the name one label above an absolute name, "." at the top.
func Parent(name string) string {
	if i, end := dns.NextLabel(name, 0); !end {
		return name[i:]
	}
	return "."
}
