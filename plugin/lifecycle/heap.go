package lifecycle

import (
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

// A heapGuard bounds what a start and a reload take of memory, and for how long.
//
// During a reload both generations are alive, and beside them the Corefile as it is
// written, which is larger than either. With the usual percentage the collector lets all of
// that double before it begins. It begins at half of that, and so the peak is a quarter
// lower, for some CPU time of a few seconds.
//
// Afterwards most of the heap is garbage, but a server that answers allocates little: the
// collector would begin after two minutes. It is called once, which lowers its goal, and the
// runtime returns in the background what exceeds that. Returning all at once
// (debug.FreeOSMemory) would be no gain: the next reload needs the room.
type heapGuard struct {
	mu      sync.Mutex // guards the following
	percent int        // to be restored; 0 if there is no reload
	timer   *time.Timer
}

const (
	reloadPercent = 50
	settleTime    = time.Second      // after the last start or stop of a server block
	longestReload = 30 * time.Second // after which one has failed, and nobody has said so
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

// settle is called when server blocks have started or stopped.
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
