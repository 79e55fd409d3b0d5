package healthcheck

import (
	"fmt"
	"net/netip"
	"time"
)

// A turning checker is one whose timer is turned by hand.
type turning struct{ *checker }

func newTurning(check Check) turning {
	spec := Spec{
		Check: check, Interval: time.Hour, Timeout: time.Second, FastInterval: time.Second,
		Fall: DefaultFall, Rise: DefaultRise, Damping: DefaultDamping, Jitter: DefaultJitter,
	}
	c := newChecker(NewRegistry(Hooks{}), Key{Spec: spec, Addr: netip.MustParseAddr("127.0.0.1")}, check.Prober(), Unknown)
	c.running.Add(1)
	c.timer = time.AfterFunc(time.Hour, c.run)
	return turning{c}
}

func (c turning) turn() error {
	c.timer.Stop()
	c.run() // which is Done for the timer that is set by the turn before
	if s := State(c.state.Load()); s != Up {
		return fmt.Errorf("the checker says %s", s)
	}
	return nil
}

// CostOf is what the checks of package probe are tested with.
var CostOf = costOf
