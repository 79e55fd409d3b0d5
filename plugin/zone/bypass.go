package zone

import (
	"maps"
	"slices"
	"strings"
)

// maxBypassNames is from how many names on whole zones are bypassed: the cache
// plugin walks the list for every query of its server block.
const maxBypassNames = 64

// Bypass returns the names under which a cache must not keep answers: those of
// the records, or x for *.x, without the ones below another. If there are too
// many, it returns zones and true.
func Bypass(records, zones []string) (names []string, whole bool) {
	names = make([]string, len(records))
	for i, name := range records {
		names[i] = strings.TrimPrefix(name, "*.")
	}
	if names = topmost(names); len(names) < maxBypassNames {
		return names, false
	}
	return topmost(zones), true
}

// topmost returns names without those that are equal to or below another.
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
		if name = parent(name); names[name] {
			return true
		}
	}
	return false
}
