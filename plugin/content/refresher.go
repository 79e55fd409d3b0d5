package content

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coredns/coredns/plugin"

	"github.com/coredns-failover/failover/healthcheck/timer"
	"github.com/coredns-failover/failover/plugin/zone"
)

// The time between polls of the zones, and while a zone is not loaded: secondary needs a
// moment for that.
const (
	loadedInterval  = 500 * time.Millisecond
	loadingInterval = 50 * time.Millisecond
)

// A Refresher polls the zones around wildcards. A nil Refresher does nothing.
type Refresher struct {
	wildcards []string
	parents   zone.Parents
	sources   []source
	publish   func(zone.Contents)

	mu    sync.Mutex   // guards the following
	timer *timer.Timer // of refresh; nil before the start
	zones map[string]knownZone
}

// A knownZone is the last known state of a zone.
type knownZone struct {
	content *zone.Content
	version version // zero while the zone is not loaded
}

// New returns a Refresher of the zones of handlers that are above or below a wildcard,
// or nil if there can be none. It does not use the zones yet: the hooks of these plugins
// have not run when it is called. publish is called by Start and after each change.
func New(wildcards []string, handlers []plugin.Handler, publish func(zone.Contents)) *Refresher {
	parents := zone.NewParents(wildcards)
	sources := sourcesOf(handlers, parents)
	if len(wildcards) == 0 || len(sources) == 0 {
		return nil
	}
	return &Refresher{
		wildcards: wildcards, parents: parents, sources: sources, publish: publish,
		zones: make(map[string]knownZone),
	}
}

// Start polls the zones, publishes their contents and starts further polls. prev is the
// Refresher before a reload, which may be nil: until a zone is loaded, it has the content
// from there.
func (r *Refresher) Start(clock *timer.Clock, prev *Refresher) {
	if r == nil {
		return
	}
	if prev != nil && slices.Equal(prev.wildcards, r.wildcards) {
		prev.mu.Lock()
		for apex, z := range prev.zones {
			r.zones[apex] = knownZone{content: z.content}
		}
		prev.mu.Unlock()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.timer = clock.New(func() { r.refresh(clock) })
	r.timer.At(clock.Now().Add(r.refreshLocked(true)), 0)
}

// Stop ends the polls, and returns when none is under way.
func (r *Refresher) Stop() {
	if r == nil {
		return
	}
	r.mu.Lock()
	t := r.timer
	r.mu.Unlock()
	if t != nil {
		t.Stop()
		t.Wait()
	}
}

// refresh polls the zones, and sets the timer for the next poll.
func (r *Refresher) refresh(clock *timer.Clock) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.timer.At(clock.Now().Add(r.refreshLocked(false)), 0)
}

// refreshLocked polls the zones, and publishes their contents after a change or if must
// is set. It returns the time to the next poll.
func (r *Refresher) refreshLocked(must bool) time.Duration {
	interval, now := loadedInterval, make(map[string]knownZone)
	for _, s := range r.sources {
		for _, name := range s.zones() {
			apex := strings.ToLower(name)
			if _, ok := now[apex]; ok {
				continue // an earlier plugin serves it
			}
			z, ok := r.refreshZone(s, name, apex)
			if !ok {
				continue
			}
			now[apex] = z
			if z.version == (version{}) && r.parents.Below(apex) {
				interval = loadingInterval
			}
		}
	}
	changed := len(now) != len(r.zones)
	for apex, z := range now {
		changed = changed || r.zones[apex].content != z.content
	}
	r.zones = now
	if changed || must {
		r.publish(contentsOf(now))
	}
	return interval
}

// refreshZone returns the state of a zone. ok is false if there is no such zone, or no
// wildcard above or below it.
func (r *Refresher) refreshZone(s source, name, apex string) (z knownZone, ok bool) {
	z, ok = r.zones[apex]
	if !ok {
		z.content = new(zone.Content)
	}
	if !r.parents.Below(apex) { // its content does not matter
		return z, r.parents.Above(apex)
	}
	c, v, err := pull(s, name, r.parents, z.version)
	switch {
	case isNotServed(err):
		return z, false
	case err != nil: // it is not loaded yet
		return z, true
	case c != nil:
		z = knownZone{c, v}
	}
	return z, true
}

func contentsOf(zones map[string]knownZone) zone.Contents {
	cs := make(zone.Contents, len(zones))
	for apex, z := range zones {
		cs[apex] = z.content
	}
	return cs
}
