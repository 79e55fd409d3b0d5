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

// A Generation is one run of the Corefile: what the server blocks of a
// caddy.Instance have in common. The instance keeps it, which tells whether the
// generation is still in use.
type Generation struct {
	authorities, begun sync.Once
	blocks             *coredns.Blocks // nil before the first OnStartup hook, which run one by one
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

// ServerBlocks returns those of the Corefile of c, which belongs to g. It may be called
// from OnStartup on.
func (g *Generation) ServerBlocks(c *caddy.Controller) *coredns.Blocks {
	if g.blocks == nil {
		g.blocks = coredns.NewBlocks(c)
	}
	return g.blocks
}

// Alive reports whether g belongs to an instance that serves or starts. An
// instance that failed to start, and one whose servers a reload has stopped, are
// not among caddy's any more, whichever of their hooks were run. One whose
// process ends still is when its OnShutdown hooks run.
func (g *Generation) Alive() bool {
	return slices.ContainsFunc(caddy.Instances(), func(i *caddy.Instance) bool {
		i.StorageMu.RLock()
		defer i.StorageMu.RUnlock()
		return i.Storage[generationKey{}] == g
	})
}

// authorityWait is how long the start waits for the authorities of the system.
const authorityWait = time.Second

// ReadAuthorities reads the authorities of the system while there are descriptors
// for that, once for the generation. The error is that there are none; it is returned
// to one of the callers only.
func (g *Generation) ReadAuthorities() (err error) {
	g.authorities.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), authorityWait)
		defer cancel()
		err = probe.ReadAuthorities(ctx)
	})
	return err
}

// hookInstalled marks instances that prune when a restart of theirs has failed.
type hookInstalled struct{}

// onRestartFailed lets every instance run f when its restart fails: also one
// without a block of ours, which may be restarted to one that has them.
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
