package lifecycle

import "slices"

// beforeLocked returns the blocks of other generations that have a key, most like b first,
// and of equally like ones the latest first.
func (p *Process[B]) beforeLocked(gen *Generation, b B, key string) []B {
	var by [mostAlike + 1][]B
	for _, s := range slices.Backward(p.byKey[key]) {
		if s.gen != gen {
			unlike := mostAlike - likeness(s.block, b)
			by[unlike] = append(by[unlike], s.block)
		}
	}
	return slices.Concat(by[:]...)
}

// mostAlike is the highest likeness.
const mostAlike = sameZones + sameView + sameServers

// The weights of what makes two server blocks alike: each outweighs all those below it.
const (
	sameZones   = 4
	sameView    = 2
	sameServers = 1
)

// likeness returns how likely it is that two blocks are the same server block before and
// after a reload.
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
