package lifecycle

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/coredns/caddy"

	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/coredns"
)

// A Generation is one run of the Corefile: what the server blocks of a caddy.Instance have
// in common. It is stored in the instance, which shows whether it is still in use.
type Generation struct {
	noticed, authorities, begun, opened sync.Once
	openErr                             error
	close                               func()          // see Open; nil if there is nothing to close
	blocks                              *coredns.Blocks // nil before the first OnStartup hook, hooks run one by one
}

// Open calls open once for the generation, before its first block starts, and returns
// its error to everybody who asks. close is called once the last block has stopped.
func (g *Generation) Open(open func() (close func(), err error)) error {
	g.opened.Do(func() { g.close, g.openErr = open() })
	return g.openErr
}

type generationKey struct{}

// GenerationOf returns the Generation of the instance of c.
func GenerationOf(c *caddy.Controller) *Generation {
	if g, ok := c.Get(generationKey{}).(*Generation); ok {
		return g
	}
	g := new(Generation)
	c.Set(generationKey{}, g)
	return g
}

// ServerBlocks returns the server blocks of the Corefile of c, which belongs to g. It may be
// called from OnStartup on.
func (g *Generation) ServerBlocks(c *caddy.Controller) *coredns.Blocks {
	if g.blocks == nil {
		g.blocks = coredns.NewBlocks(c)
	}
	return g.blocks
}

// Alive reports whether g belongs to an instance that serves or starts. caddy no longer
// lists an instance that failed to start, or whose servers a reload has stopped, whichever
// of its hooks were run. When the process ends, the instance is still listed while its
// OnShutdown hooks run.
func (g *Generation) Alive() bool {
	return slices.ContainsFunc(caddy.Instances(), func(i *caddy.Instance) bool {
		i.StorageMu.RLock()
		defer i.StorageMu.RUnlock()
		return i.Storage[generationKey{}] == g
	})
}

// authorityWait is how long the start waits for the authorities of the system.
const authorityWait = time.Second

// ReadAuthorities reads the authorities of the system, once for the generation and early,
// while there are file descriptors left. Only the call that reads returns the error.
func (g *Generation) ReadAuthorities() (err error) {
	g.authorities.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), authorityWait)
		defer cancel()
		err = probe.ReadAuthorities(ctx)
	})
	return err
}

// hookInstalled marks instances that have the hook of onRestartFailed.
type hookInstalled struct{}

// onRestartFailed makes every instance call f when its restart fails: also one without a
// failover block, as the Corefile that failed to start may have one.
func onRestartFailed(f func()) {
	for _, i := range caddy.Instances() {
		i.StorageMu.Lock()
		if i.Storage[hookInstalled{}] == nil {
			i.Storage[hookInstalled{}] = true
			i.OnRestartFailed = append(i.OnRestartFailed, func() error {
				f()
				return nil
			})
		}
		i.StorageMu.Unlock()
	}
}
