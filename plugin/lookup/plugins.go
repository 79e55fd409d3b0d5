package lookup

import (
	"context"
	"time"

	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/pool"
)

// udpSize is what can be sent without fragments anywhere. A longer answer is
// asked for again over TCP, so that an upstream of forward that has no TCP is
// asked over UDP first, as other resolvers do.
const udpSize = 1232

// Plugins ask the plugins of a chain from some plugin on.
type Plugins struct {
	first   func() plugin.Handler
	further Asker
	server  *dnsserver.Server
}

var _ Asker = (*Plugins)(nil)

// Next returns an [Asker] that asks behind, which may be nil as long as nobody is
// there, and the plugins that follow it. Where they answer with an alias and do
// not say what its target has, further is asked, which may be nil.
//
// Plugins look up targets by way of server, for which [coredns.Server] has a stand-in, or
// if that is nil by way of the one that is in the context.
func Next(behind func() plugin.Handler, further Asker, server *dnsserver.Server) *Plugins {
	return &Plugins{first: behind, further: further, server: server}
}

// Ask implements [Asker].
func (p *Plugins) Ask(ctx context.Context, name string, qtype uint16) (*pool.Reply, error) {
	return p.AskFor(ctx, self{}, name, qtype)
}

// AskFor asks within a query, on behalf of the client of w. It is a [QueryAsker].
func (p *Plugins) AskFor(ctx context.Context, w dns.ResponseWriter, name string, qtype uint16) (*pool.Reply, error) {
	ctx, err := enter(ctx, p, name, qtype)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(p.served(ctx), lookupTimeout)
	defer cancel()
	m, err := p.exchange(ctx, w, name, qtype)
	if err != nil {
		return nil, err
	}
	r, target, err := read(m, name, qtype, time.Now())
	if err != nil || target == "" {
		return r, err
	}
	return p.chase(ctx, m, name, r, target, qtype)
}

// served returns ctx with what a server puts into it. What is found out is for all
// clients of the record, so plugins do not look up targets by way of the server
// that a client has asked, which goes by that client.
func (p *Plugins) served(ctx context.Context) context.Context {
	if p.server == nil {
		return ctx
	}
	if ctx.Value(dnsserver.LoopKey{}) == nil {
		ctx = context.WithValue(ctx, dnsserver.LoopKey{}, 0)
	}
	return context.WithValue(ctx, dnsserver.Key{}, p.server)
}

// exchange returns the whole answer of the plugins.
func (p *Plugins) exchange(ctx context.Context, w dns.ResponseWriter, name string, qtype uint16) (*dns.Msg, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx) // nobody waits for it any more: not after a stop
	}
	q := new(dns.Msg).SetQuestion(name, qtype)
	q.SetEdns0(udpSize, true) // with DO, so that signatures come along
	return orWithoutEDNS(q, func(q *dns.Msg) (*dns.Msg, error) { return p.whole(ctx, w, q) })
}

// whole returns the answer to q, over TCP if it is too long for UDP.
func (p *Plugins) whole(ctx context.Context, w dns.ResponseWriter, q *dns.Msg) (*dns.Msg, error) {
	m, err := ask(ctx, p.first(), &writer{ResponseWriter: w}, q.Copy())
	if err == nil && m.Truncated {
		m, err = ask(ctx, p.first(), &writer{ResponseWriter: w, overTCP: true}, q.Copy())
	}
	if err == nil && m.Truncated {
		err = errTruncated
	}
	return m, err
}

// ask puts q to first, which may be nil, and the plugins that follow it. Where
// they leave it to the server to write an error, that is an [RcodeError].
func ask(ctx context.Context, first plugin.Handler, w *writer, q *dns.Msg) (m *dns.Msg, err error) {
	defer catch(&err)
	aw := &answer.Writer{ResponseWriter: w}
	rcode, err := plugin.NextOrFailure("failover", first, ctx, aw, q)
	switch {
	case w.msg != nil:
		return w.msg, nil
	case aw.Unanswered(rcode, err):
		return nil, ErrNobody
	case err != nil:
		return nil, err
	case plugin.ClientWrite(rcode):
		return nil, errSilence
	default:
		return nil, &RcodeError{rcode}
	}
}

// chase completes r, what m says of name, which leads to target and no further.
func (p *Plugins) chase(ctx context.Context, m *dns.Msg, name string, r *pool.Reply, target string, qtype uint16) (*pool.Reply, error) {
	if p.further == nil {
		return nil, ErrNobody
	}
	t, err := p.further.Ask(ctx, target, qtype)
	if err != nil {
		return nil, err
	}
	return joined(m, name, r, t)
}
