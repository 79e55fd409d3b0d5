package zone

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// From maxBypassNames names on, Bypass returns zones instead: the cache plugin walks the
// list for every query of its server block. From maxBypassZones zones on, it returns the
// zones of the server block that enclose them.
const (
	maxBypassNames = 64
	maxBypassZones = 1000
)

// Bypass returns the names at and below which a cache must not keep answers: those of the
// records, or x for *.x, without names below another. If there are too many, it returns
// zones and true; for too many zones, it returns the blocks that enclose them. The root
// does not replace zones, because that would turn the cache off.
func Bypass(records, zones, blocks []string) (names []string, whole bool) {
	names = make([]string, len(records))
	for i, name := range records {
		names[i] = strings.TrimPrefix(name, "*.")
	}
	if names = topmost(names); len(names) < maxBypassNames {
		return names, false
	}
	if names = topmost(zones); len(names) < maxBypassZones {
		return names, true
	}
	within := NewIndex(slices.DeleteFunc(slices.Clone(blocks), func(b string) bool { return b == "." }))
	for i, z := range names {
		names[i] = cmp.Or(within.Match(z), z)
	}
	return topmost(names), true
}

// topmost returns names without duplicates and without names below another.
func topmost(names []string) []string {
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		seen[name] = true
	}
	top := slices.DeleteFunc(slices.Collect(maps.Keys(seen)), func(name string) bool {
		return anyAbove(seen, name)
	})
	slices.Sort(top)
	return top
}

func anyAbove(names map[string]bool, name string) bool {
	for name != "." {
		if name = Parent(name); names[name] {
			return true
		}
	}
	return false
}
