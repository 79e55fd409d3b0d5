package policy

import (
	"fmt"
	"sync"
	"testing"

	"github.com/coredns/coredns/plugin/metadata"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

// Queries that are decided at the same time each see their own client and metadata, though
// environments are used again.
func TestQueriesAreDecidedEachByItself(t *testing.T) {
	rec := lines(pool.SteerOrder, "primary 1", "secondary 1 metadata('a/b') == client_ip()")
	c, v := chooserOf(t, rec), viewOf(t, rec)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for k := range 200 {
				addr := fmt.Sprintf("10.0.%d.%d", i, k)
				label, want := addr, 1
				if k%2 == 0 {
					label, want = "10.9.9.9", 0
				}
				ctx := metadata.ContextWithMetadata(t.Context())
				metadata.SetValueFunc(ctx, "a/b", func() string { return label })
				if p, _ := c.Pool(ctx, v, asks(addr, "app.example.org.", dns.TypeA), Client{}, noon); p != want {
					t.Errorf("%s of %s is answered by %d, want %d", label, addr, p, want)
				}
			}
		})
	}
	wg.Wait()
}

// An expression may need metadata that another expression decides.
func TestADecisionMayDependOnAnother(t *testing.T) {
	inner := lines(pool.SteerOrder, "primary 1", "secondary 1 client_ip() == '10.0.0.2'")
	outer := lines(pool.SteerOrder, "primary 1", "secondary 1 metadata('a/b') == '1' && client_ip() == '10.0.0.1'")
	ctx := metadata.ContextWithMetadata(t.Context())
	metadata.SetValueFunc(ctx, "a/b", func() string {
		p, _ := chooserOf(t, inner).Pool(ctx, viewOf(t, inner), asks("10.0.0.2", "app.example.org.", dns.TypeA), Client{}, noon)
		return fmt.Sprint(p)
	})
	if p, _ := chooserOf(t, outer).Pool(ctx, viewOf(t, outer), asks("10.0.0.1", "app.example.org.", dns.TypeA), Client{}, noon); p != 1 {
		t.Errorf("it is answered by %d, want 1", p)
	}
}
