// Package zone finds the record of a server block that a name belongs to: its own, or a
// wildcard that covers it. It also tells which other names exist because of a record.
package zone

import (
	"strings"
	"sync/atomic"

	"github.com/miekg/dns"
)

// A Tree finds the record of a name; R is its type of records. It is filled first and
// then read by any number of goroutines.
type Tree[R any] struct {
	nodes    map[string]*node[R]
	contents atomic.Pointer[Contents]
}

type node[R any] struct {
	record   R
	owned    bool // this is the own name of record
	exists   bool // this is a record's name, or there is a record below it
	inside   bool // this is the apex of a zone, or below one
	wildcard *node[R]
}

// A Match is the kind of a name in a Tree.
type Match uint8

// The kinds of names.
const (
	OutOfZone        Match = iota // at or below no zone
	InZone                        // at or below a zone, but neither of the following
	EmptyNonTerminal              // there is a record below it (RFC 9499); it may be above all zones
	Record                        // a record's own name, or covered by a wildcard
)

// AddZone makes all names at and below an absolute, lower-case name [InZone]. All zones
// are added before the first record.
func (t *Tree[R]) AddZone(name string) { t.node(name).inside = true }

// AddRecord adds a record with an absolute, lower-case name, which may be a wildcard. The
// names above it exist from now on, up to apex.
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

// SetContents sets the contents of the zones of the next plugins. From now on no wildcard
// covers the names that exist there.
func (t *Tree[R]) SetContents(cs Contents) { t.contents.Store(&cs) }

// Find returns the record of an absolute, lower-case name: its own, or that of the
// wildcard below its closest encloser (RFC 4592, section 3.3.1). For other kinds of
// names the record is the zero value.
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

// isLeft reports whether a name below parent belongs to a zone of the next plugins.
func (t *Tree[R]) isLeft(name, parent string) bool {
	cs := t.contents.Load()
	return cs != nil && cs.own(name, parent)
}

// closest returns the node at name, or else at the nearest name above it, and that name.
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
