package policy

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/pool"
)

// A lab is a check whose results a test sets. In virtual time, it probes in the first
// milliseconds of every second, one target after the other.
type lab struct {
	mu   sync.Mutex // guards the following
	says map[netip.Addr]healthcheck.Result
}

func (*lab) Type() string                 { return "lab" }
func (*lab) String() string               { return "lab" }
func (l *lab) Prober() healthcheck.Prober { return healthcheck.ProberFunc(l.probe) }

func (l *lab) probe(_ context.Context, addr netip.Addr) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch l.says[addr] {
	case healthcheck.Fail:
		return errors.New("sick")
	case healthcheck.Inconclusive:
		return healthcheck.MarkInconclusive(errors.New("mute"))
	default:
		return nil
	}
}

func (l *lab) tell(addr netip.Addr, says healthcheck.Result) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.says[addr] = says
}

func (l *lab) key(addr netip.Addr) healthcheck.Key {
	return healthcheck.Key{Addr: addr, Spec: healthcheck.Spec{
		Check: l, Interval: time.Second, Timeout: time.Second, FastInterval: time.Second,
		Fall: healthcheck.Threshold{Count: 1}, Rise: healthcheck.Threshold{Count: 1},
	}}
}

// inLab calls f with a record that is being checked, half a second after the first probes.
func inLab(t *testing.T, make func(l *lab) *pool.Record, f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, lab: &lab{says: map[netip.Addr]healthcheck.Result{}}}
		w.reg = healthcheck.NewRegistry(healthcheck.Hooks{})
		w.rec = make(w.lab)
		w.rec.Name = "app.example.org."
		w.chain, w.chooser = pool.NewTracker(w.rec, nobody{}), chooserOf(t, *w.rec)
		w.chain.Start(w.reg, nil)
		time.Sleep(500 * time.Millisecond)
		f(w)
		w.chain.Stop(w.reg)
		w.reg.Release(w.witnesses...)
	})
}

// A world is a record that is being checked, with its clients.
type world struct {
	*testing.T
	lab       *lab
	reg       *healthcheck.Registry
	rec       *pool.Record
	chain     *pool.Tracker
	chooser   *Chooser
	witnesses []*healthcheck.Lease
}

// ask returns the answer for a client, and its pool.
func (w *world) ask(addr string, qtype uint16) (rrs []dns.RR, p int, by pool.Stage) {
	c, v := Client{Addr: netip.MustParseAddr(addr)}, w.chain.View()
	p, by = w.chooser.Pool(w.Context(), v, asks(addr, w.rec.Name, qtype), c, time.Now())
	return Pick(v.Set(p), qtype, c), p, by
}

// play runs a script: "-1" makes probes of 192.0.2.1 fail, "+1" pass, and "?1" inconclusive;
// "w" adds the witness 192.0.2.99; a number lets so many seconds pass.
func (w *world) play(script string) {
	for _, word := range strings.Fields(script) {
		var addr netip.Addr
		if len(word) > 1 {
			addr, _ = netip.ParseAddr("192.0.2." + word[1:])
		}
		switch word[0] {
		case '-':
			w.lab.tell(addr, healthcheck.Fail)
		case '+':
			w.lab.tell(addr, healthcheck.Pass)
		case '?':
			w.lab.tell(addr, healthcheck.Inconclusive)
		case 'w':
			w.witnesses = append(w.witnesses, w.reg.AcquireWitness(w.lab.key(netip.MustParseAddr("192.0.2.99"))))
		default:
			var seconds int
			fmt.Sscan(word, &seconds)
			time.Sleep(time.Duration(seconds) * time.Second)
		}
	}
}
