package test

import (
	"maps"
	"slices"
	"testing"
)

// public has the exported names that no other package of this repository uses, each with a reason.
var public = map[string]string{
	".Failover":                  "the plugin; those of CoreDNS export theirs",
	".Failover.CacheBypassZones": "called by cache",
	".Failover.Ready":            "called by ready",
	".New":                       "makes the plugin",
}

// A name is exported only if another package uses it. Fields are not checked.
func TestExported(t *testing.T) {
	t.Parallel()
	e := newExports(t)
	for _, p := range list(t, "./...", "./cmd/...") {
		e.read(p)
	}
	for _, name := range slices.Sorted(maps.Keys(e.declared)) {
		used, listed := e.isUsed(name), public[name] != ""
		switch {
		case used && listed:
			t.Errorf("%s is used by another package, and must not be listed", name)
		case !used && !listed:
			t.Errorf("%s: no other package uses %s: unexport it, or list it with a reason", e.fset.Position(e.declared[name].Pos()), name)
		}
	}
	for name := range public {
		if e.declared[name] == nil {
			t.Errorf("%s is listed and does not exist", name)
		}
	}
	for _, name := range []string{"healthcheck.Key", "plugin/pool.Tracker.View"} {
		if !e.isUsed(name) {
			t.Errorf("no use of %s is found", name)
		}
	}
}
