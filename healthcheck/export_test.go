package healthcheck

import (
	"fmt"
	"net/netip"
	"time"
)

// RunChecker returns a function that does what a checker of 127.0.0.1 does when its timer
// fires.
func RunChecker(check Check) (run func() error) {
	spec := Spec{
		Check: check, Interval: time.Hour, Timeout: time.Second, FastInterval: time.Second,
		Fall: DefaultFall, Rise: DefaultRise, Damping: DefaultDamping, Jitter: DefaultJitter,
	}
	c := newChecker(NewRegistry(Hooks{}), &sharedSpec{Spec: spec, prober: check.Prober(), cost: 1}, netip.MustParseAddr("127.0.0.1"), Unknown)
	return func() error {
		c.timer.Cancel()
		c.run()
		if s := State(c.state.Load()); s != Up {
			return fmt.Errorf("the checker says %s", s)
		}
		return nil
	}
}

// CostOf is costOf, for the checks of package probe.
var CostOf = costOf
