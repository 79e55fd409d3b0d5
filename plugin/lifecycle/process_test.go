package lifecycle

import (
	"fmt"
	"strings"
	"testing"

	"github.com/coredns/caddy"

	"github.com/coredns-failover/failover/healthcheck"
)

// A fake block records its calls.
type fake struct {
	name    string
	keys    string
	zones   string
	view    string
	servers string
	asked   bool
	before  string // at the start, then at the start of lookups
	stopped int
}

func (f *fake) Place() ([]string, string, []string) {
	return strings.Fields(f.zones), f.view, strings.Fields(f.servers)
}

func (f *fake) Keys() []string { return strings.Fields(f.keys) }
func (f *fake) Start(_ *healthcheck.Registry, before func(string) []*fake) {
	f.before = names(before("a"))
}
func (f *fake) StartLookups(_ *healthcheck.Registry, before func(string) []*fake) {
	f.before += "; " + names(before("a"))
}
func (f *fake) Stop(*healthcheck.Registry) { f.stopped++ }
func (f *fake) LookedUp() bool             { return f.asked }

func names(blocks []*fake) string {
	var s []string
	for _, b := range blocks {
		s = append(s, b.name)
	}
	return strings.Join(s, " ")
}

// generation returns a new Generation that caddy does not list.
func generation() *Generation {
	return GenerationOf(caddy.NewTestController("dns", ""))
}

// The blocks before are those of other generations, sorted by same zones, same view, same
// listeners, latest first.
func TestBefore(t *testing.T) {
	p := NewProcess[*fake](healthcheck.NewRegistry(healthcheck.Hooks{}))
	old, gen := generation(), generation()
	for _, b := range []*fake{
		{name: "unrelated", keys: "b", zones: "example.org.", view: "v", servers: ":53"},
		{name: "other", keys: "a", zones: "org.", servers: ":54"},
		{name: "servers", keys: "a", zones: "org.", servers: ":53"},
		{name: "view", keys: "a", zones: "org.", view: "v", servers: ":54"},
		{name: "zones", keys: "a", zones: "example.org.", servers: ":54"},
		{name: "later", keys: "a", zones: "example.org.", servers: ":54"},
		{name: "same", keys: "b a", zones: "example.org.", view: "v", servers: ":53"},
	} {
		p.blocks = append(p.blocks, started[*fake]{old, b})
	}
	p.index()
	p.blocks = append(p.blocks, started[*fake]{gen, &fake{name: "sibling", keys: "a", zones: "example.org.", view: "v", servers: ":53"}})
	b := &fake{zones: "example.org.", view: "v", servers: ":53"}
	p.mu.Lock()
	got := names(p.beforeLocked(gen, b, "a"))
	p.mu.Unlock()
	if want := "same later zones view servers other"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	p.StartLookups(gen, b)
	if want := "; " + got; b.before != want {
		t.Errorf("lookups start with %q, want %q", b.before, want)
	}
}

// A start stops the blocks of generations that caddy does not list, and only once.
func TestPrune(t *testing.T) {
	p := NewProcess[*fake](healthcheck.NewRegistry(healthcheck.Hooks{}))
	dead, b := &fake{name: "dead"}, &fake{name: "b"}
	p.Start(generation(), dead)
	p.Start(generation(), b)
	if dead.stopped != 1 || names(p.Blocks()) != "b" {
		t.Errorf("stopped %d times, left are %s", dead.stopped, names(p.Blocks()))
	}
	p.Stop(dead)
	if dead.stopped != 1 {
		t.Error("stopped twice")
	}
	p.Stop(b)
	if b.stopped != 1 || len(p.Blocks()) > 0 {
		t.Error("not stopped")
	}
}

// A block is ready once all blocks have had their lookups, and stays so.
func TestReady(t *testing.T) {
	p := NewProcess[*fake](healthcheck.NewRegistry(healthcheck.Hooks{}))
	a, b := &fake{asked: true}, &fake{}
	p.blocks = []started[*fake]{{generation(), a}}
	var got []bool
	got = append(got, p.Ready(b), p.Ready(nil)) // which have not started
	p.blocks = append(p.blocks, started[*fake]{generation(), b})
	got = append(got, p.Ready(a), p.Ready(b))
	b.asked = true
	got = append(got, p.Ready(a))
	b.asked = false
	got = append(got, p.Ready(a), p.Ready(nil))
	if want := "[false false false false true true true]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func TestGenerationOf(t *testing.T) {
	c := caddy.NewTestController("dns", "")
	if g := GenerationOf(c); g != GenerationOf(c) || g == generation() {
		t.Error("an instance has one generation, and another has another")
	} else if g.Alive() {
		t.Error("caddy lists no instance, and yet one is alive")
	}
}
