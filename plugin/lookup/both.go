package lookup

import (
	"context"
	"sync/atomic"

	"github.com/miekg/dns"
)

// Both returns the results of ask for A and AAAA, which run at the same time. One that
// takes longer than clientWait, or panics, is nil.
func Both(ctx context.Context, ask func(context.Context, uint16) *dns.Msg) (v4, v6 *dns.Msg) {
	ctx, cancel := context.WithTimeoutCause(ctx, clientWait, errTimeout)
	defer cancel()
	var results [len(families)]<-chan result[*dns.Msg]
	for i, qtype := range families {
		results[i] = begin(new(atomic.Bool), func() (*dns.Msg, error) { return ask(ctx, qtype), nil })
	}
	v4, _ = await(ctx, results[0])
	v6, _ = await(ctx, results[1])
	return v4, v6
}
