package lifecycle

import (
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

// A heapGuard limits the memory of a start and a reload.
//
// During a reload both generations are alive, and with them the tokens of the Corefile. With
// the usual percentage the collector lets all of that double before it begins. It begins
// earlier during a reload, which lowers the peak by a quarter for some CPU time.
//
// After a start or a reload much of the heap is garbage. The collector would begin after two
// minutes, as a server that answers allocates little. It is called once, which lowers its
// goal, and the runtime then returns what exceeds that in the background. Returning all free
// memory at once (debug.FreeOSMemory) is no gain, as the next collection needs it again.
type heapGuard struct {
	mu      sync.Mutex // guards the following
	percent int        // to restore; 0 if it is not lowered
	timer   *time.Timer
}

const (
	reloadPercent = 50               // at 20 the longest query during a reload took three times as long
	settleTime    = time.Second      // after the last start or stop of a server block
	longestReload = 30 * time.Second // after it a reload has failed, without a hook
)

// begin is called when a generation begins. reload says that there is one already.
func (g *heapGuard) begin(reload bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if reload && g.percent == 0 {
		was := debug.SetGCPercent(reloadPercent)
		if was <= reloadPercent { // or the operator has turned it off
			debug.SetGCPercent(was)
		} else {
			g.percent = was
		}
	}
	g.endAfterLocked(longestReload)
}

// settle is called after server blocks have started or stopped.
func (g *heapGuard) settle() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.endAfterLocked(settleTime)
}

func (g *heapGuard) endAfterLocked(d time.Duration) {
	if g.timer == nil {
		g.timer = time.AfterFunc(d, g.end)
	} else {
		g.timer.Reset(d)
	}
}

func (g *heapGuard) end() {
	g.mu.Lock()
	if g.percent != 0 {
		debug.SetGCPercent(g.percent)
		g.percent = 0
	}
	g.mu.Unlock()
	runtime.GC()
}
