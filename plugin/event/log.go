package event

import (
	"sync/atomic"

	clog "github.com/coredns/coredns/plugin/pkg/log"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/pool"
)

var log = clog.NewWithPlugin("failover")

// Log is the [Subscriber] that writes events to the log of CoreDNS.
func Log(e Event) {
	e.printable()
	switch e.Kind {
	case CheckChanged:
		logf(e.To == healthcheck.Down.String(), "check %s of %s: %s -> %s: %s", e.Check, e.Endpoint, e.From, e.To, e.Reason)
	case CheckInconclusive:
		log.Warningf("check %s of %s cannot be asked, and maybe others: %s", e.Check, e.Endpoint, e.Reason)
	case CheckPanicked:
		log.Errorf("check %s of %s: %s\n%s", e.Check, e.Endpoint, e.Reason, e.Stack)
	case ProbeDelayed:
		logDelayed(e)
	case Frozen:
		log.Warning("No witness answers: this server is cut off, and changes no state until one does")
	case Thawed:
		log.Info("Not cut off any more: endpoints are judged by results from now on")
	case LookupFailed, LookupRecovered:
		logLookup(e)
	case PoolChanged:
		if !e.IsStart() && e.From != e.To {
			logf(e.State != pool.OK, "%s: %s -> %s: %s", e.Record, e.From, e.To, e.Reason)
		}
	case StateChanged:
		logState(e)
	}
}

// logf logs at level warning or info.
func logf(warn bool, format string, v ...any) {
	if warn {
		log.Warningf(format, v...)
	} else {
		log.Infof(format, v...)
	}
}

// delayed is set once it is logged that probes wait, as every later probe may wait as well.
var delayed atomic.Bool

func logDelayed(e Event) {
	if !delayed.Swap(true) {
		log.Warningf("Probes wait for their turn: %d open files of this process are for them, and more are due at a time. "+
			"Raise the limit of open files (ulimit -n, LimitNOFILE) or the intervals", e.Limit)
	}
}

func logLookup(e Event) {
	switch {
	case e.Stack != nil:
		log.Errorf("looking up %s: %s\n%s", e.Name, e.Reason, e.Stack)
	case e.Kind == LookupFailed:
		log.Warningf("%s cannot be looked up, what is known of it stays: %s", e.Name, e.Reason)
	default:
		log.Infof("%s can be looked up again", e.Name)
	}
}

func logState(e Event) {
	switch degraded := string(pool.Degraded); {
	case e.To == degraded:
		log.Warningf("%s is degraded: %s", e.Record, e.Reason)
	case e.From == degraded:
		log.Infof("%s is no longer degraded", e.Record)
	}
}
