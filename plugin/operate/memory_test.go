package operate

import (
	"testing"

	"github.com/coredns-failover/failover/plugin/event"
	"github.com/coredns-failover/failover/plugin/pool"
	"github.com/coredns-failover/failover/plugin/serve"
)

// A record that a failed reload has attached, and detached again, leaves the one that
// serves. What is known of a record that nobody has any more is kept for the last write,
// and until a record is in its place.
func TestPlaces(t *testing.T) {
	var p places
	at := pool.Place{}
	old, failed := new(serve.Record), new(serve.Record)
	m := pool.Memory{Pools: []pool.LastPool{{Pool: "primary", Held: true}}}
	p.recalled = map[pool.Place]pool.Memory{at: m}
	if got, ok := p.attach(old); !ok || len(got.Pools) != 1 {
		t.Errorf("the first one gets %v", got)
	}
	if _, ok := p.attach(failed); ok {
		t.Error("the second one gets what an earlier process knew, too")
	}
	p.detach(failed, m)
	if same := p.served[at]; len(same) != 1 || same[0] != old || len(p.left) > 0 {
		t.Errorf("served are %v, left is %v", same, p.left)
	}
	p.detach(old, m)
	if _, ok := p.left[at]; !ok || len(p.served) > 0 {
		t.Errorf("served are %v, left is %v", p.served, p.left)
	}
	p.attach(old)
	if len(p.left) > 0 {
		t.Errorf("left is %v", p.left)
	}
}

// What is only for records that a reload removed is forgotten when the reload is over.
func TestReloadForgets(t *testing.T) {
	l := begin(t)
	gone := pool.Place{Record: "gone.example.org."}
	l.journal.Restore(nil, map[pool.Place][]event.Change{gone: {{Pool: "primary"}}})
	l.places.left = map[pool.Place]pool.Memory{gone: {}}
	closeOld := l.open(Config{})
	defer l.open(Config{})()
	if c := l.collect(); len(c.Records) != 1 || len(c.Records[0].Strip) != 1 {
		t.Errorf("during the reload: %+v", c.Records)
	}
	closeOld()
	if c := l.collect(); len(c.Records) != 0 || len(l.journal.Strips()) != 0 {
		t.Errorf("after the reload: %+v, %v", c.Records, l.journal.Strips())
	}
}
