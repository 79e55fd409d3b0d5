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

// How often zones are asked whether they have changed, and how often while one of
// them is not loaded, which takes secondary a moment.
const (
	loadedInterval  = 500 * time.Millisecond
	loadingInterval = 50 * time.Millisecond
)

// A Refresher keeps up with the zones around wildcards. A nil Follower follows
// nothing.
type Refresher struct {
	wildcards []string
	parents   zone.Parents
	sources   []source
	publish   func(zone.Contents)

	mu    sync.Mutex   // guards the following
	timer *timer.Timer // of refresh; nil before the start
	zones map[string]knownZone
}

// A knownZone zone is what is known of it.
type knownZone struct {
	content *zone.Content
	version version // zero while it is not loaded
}

// New returns a Follower for the zones of handlers that have to do with wildcards.
// It is nil if there are none. It is called before any hook of these plugins has
// run.
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

// Start publishes all that is known of the zones, and again after each change. Until
// a zone is loaded that is what prev knew of it, the Follower before a reload, which
// may be nil.
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

// refreshLocked brings what is known up to date, and publishes it if it has changed, or
// must be. It returns how long to wait before the next time.
func (r *Refresher) refreshLocked(must bool) time.Duration {
	interval, now := loadedInterval, make(map[string]knownZone)
	for _, s := range r.sources {
		for _, name := range s.zones() {
			apex := strings.ToLower(name)
			if _, ok := now[apex]; ok {
				continue // of another plugin, before
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

// refreshZone returns what is known of a zone now, and false if there is none that has to
// do with a wildcard.
func (r *Refresher) refreshZone(s source, name, apex string) (knownZone, bool) {
	z, ok := r.zones[apex]
	if !ok {
		z.content = new(zone.Content)
	}
	if !r.parents.Below(apex) { // no matter what is in it
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
