package serve

import (
	"context"

	"github.com/coredns/coredns/plugin"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/answer"
)

// ServeOutOfZone leaves a query for a name that is not ours to the next plugins, with an
// eye on where they lead. If none answers it is refused.
func (b *Block) ServeOutOfZone(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
	aw := &writer{Writer: answer.Writer{ResponseWriter: w}, block: b, ctx: ctx, r: r}
	rcode, err := plugin.NextOrFailure(name, b.cfg.Next(), ctx, aw, r)
	if aw.Unanswered(rcode, err) {
		return dns.RcodeRefused, nil
	}
	return rcode, err
}
