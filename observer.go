package failover

import (
	"errors"
	"sync"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/chain"
	"github.com/coredns-failover/failover/plugin/metrics"
	"github.com/coredns-failover/failover/plugin/pool"
)

func probed(key healthcheck.Key, r healthcheck.Result, took time.Duration, err error) {
	metrics.Probed(key, r, took)
	if p := (*healthcheck.PanicError)(nil); errors.As(err, &p) && panics.isNews(key.Spec.Check, time.Now()) {
		log.Errorf("check %s of %s: %v\n%s", key.Spec.Check, key.Addr, p, p.Stack)
	}
}

// panics are the checks that panicked, and when their stack was logged last: it
// is not, for every probe.
var panics panicLog

type panicLog struct {
	mu   sync.Mutex // guards the following
	last map[healthcheck.Check]time.Time
}

func (l *panicLog) isNews(c healthcheck.Check, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if last, ok := l.last[c]; ok && now.Sub(last) < time.Hour {
		return false
	}
	if l.last == nil {
		l.last = make(map[healthcheck.Check]time.Time)
	}
	l.last[c] = now
	return true
}

func logCheck(t healthcheck.Transition) {
	logf := log.Infof
	if t.To == healthcheck.Down {
		logf = log.Warningf
	}
	logf("check %s of %s: %s -> %s: %s", t.Key.Spec.Check, t.Key.Addr, t.From, t.To, t.Reason)
}

func logCannotAsk(key healthcheck.Key, cause string) {
	log.Warningf("check %s of %s cannot be asked, and maybe others: %s", key.Spec.Check, key.Addr, cause)
}

func freeze(is bool) {
	metrics.Frozen(is)
	if is {
		log.Warning("No witness answers: this server is cut off, and changes no state until one does")
	} else {
		log.Info("Not cut off any more: endpoints are judged by results from now on")
	}
}

func logTrouble(name string, err error) {
	if p := (*chain.PanicError)(nil); errors.As(err, &p) {
		log.Errorf("looking up %s: %v\n%s", name, p, p.Stack)
	} else if err != nil {
		log.Warningf("%s cannot be looked up, what is known of it stays: %v", name, err)
	} else {
		log.Infof("%s can be looked up again", name)
	}
}

// An observer puts what happens to a record into the log and the metrics. Of a
// record whose names are known from queries, it is told by these.
type observer struct{ *record }

// A baseObserver is told what happens to the pools of such a record apart from
// these names: nothing is answered from its views alone.
type baseObserver struct{ observer }

// ViewChanged implements pool.Observer.
func (baseObserver) ViewChanged(_, _ *pool.View, _ string) {}

// EndpointChanged implements pool.Observer.
func (o observer) EndpointChanged(p int, endpoint string, s healthcheck.State) {
	o.series.Endpoint(p, endpoint, s)
}

// EndpointGone implements pool.Observer.
func (o observer) EndpointGone(p int, endpoint string) { o.series.Gone(p, endpoint) }

// ViewChanged implements pool.Observer.
func (o observer) ViewChanged(from, to *pool.View, reason string) {
	o.series.View(to)
	was, is := o.before, o.PoolName(to.Pool)
	if from != nil {
		was = o.PoolName(from.Pool)
	} else {
		reason = "the Corefile was reloaded"
	}
	if was != "" && was != is {
		o.changePool(was, is, to.State, reason)
	}
	switch was := from != nil && from.State == pool.Degraded; {
	case to.State == pool.Degraded && (!was || from.Pool != to.Pool):
		log.Warningf("%s is degraded: %s", o.Record().Name, to.Why)
	case to.State != pool.Degraded && was:
		log.Infof("%s is no longer degraded", o.Record().Name)
	}
}

func (o observer) changePool(was, is string, state pool.State, reason string) {
	o.series.Transition(was, is)
	logf := log.Infof
	if state != pool.OK {
		logf = log.Warningf
	}
	logf("%s: %s -> %s: %s", o.Record().Name, was, is, reason)
}
