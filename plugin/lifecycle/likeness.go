package lifecycle

import "slices"

// beforeLocked returns the blocks of other generations that have a key: first those
// that are most likely the same block as b, and of these the latest.
func (p *Process[B]) beforeLocked(gen *Generation, b B, key string) []B {
	var by [mostAlike + 1][]B
	for _, s := range slices.Backward(p.having[key]) {
		if s.gen != gen {
			unlike := mostAlike - likeness(s.block, b)
			by[unlike] = append(by[unlike], s.block)
		}
	}
	return slices.Concat(by[:]...)
}

// mostAlike is the highest likeness.
const mostAlike = sameZones + sameView + sameServers

// What makes it likely that two server blocks are the same: each outweighs those below.
const (
	sameZones   = 4
	sameView    = 2
	sameServers = 1
)

// likeness tells how sure it is that a server block is the same as another
// before a reload.
func likeness[B Block[B]](a, b B) (n int) {
	zones, view, servers := a.Place()
	otherZones, otherView, otherServers := b.Place()
	if slices.Equal(zones, otherZones) {
		n += sameZones
	}
	if view == otherView {
		n += sameView
	}
	if slices.Equal(servers, otherServers) {
		n += sameServers
	}
	return n
}
