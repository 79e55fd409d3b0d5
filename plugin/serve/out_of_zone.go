package serve

import (
	"context"

	"github.com/coredns/coredns/plugin"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/answer"
)

// ServeOutOfZone lets the next plugins answer for a name in no zone, and refreshes their
// answer. If none answers, it returns REFUSED.
func (b *Block) ServeOutOfZone(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
	aw := &writer{Writer: answer.Writer{ResponseWriter: w}, block: b, ctx: ctx, r: r}
	rcode, err := plugin.NextOrFailure(name, b.cfg.Next(), ctx, aw, r)
	if aw.Unanswered(rcode, err) {
		return dns.RcodeRefused, nil
	}
	return rcode, err
}
