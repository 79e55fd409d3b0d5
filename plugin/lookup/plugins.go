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

// udpSize is the EDNS buffer size: such answers are nowhere sent in fragments. Lookups
// use UDP first and TCP for longer answers, because an upstream of forward may have no
// TCP.
const udpSize = 1232

// plugins look up names with the plugins of a chain from one plugin on.
type plugins struct {
	first   func() plugin.Handler
	targets resolver
	server  *dnsserver.Server
}

var _ resolver = (*plugins)(nil)

// newPlugins returns a resolver for the plugin that first returns, and those after
// it. first may return nil. If an answer ends with a CNAME, its target is looked up with
// targets, which may be nil.
//
// The plugins themselves look up targets through server, for which [coredns.Server] makes
// a stand-in. nil means the server in the context.
func newPlugins(first func() plugin.Handler, targets resolver, server *dnsserver.Server) *plugins {
	return &plugins{first: first, targets: targets, server: server}
}

// Lookup implements resolver.
func (p *plugins) Lookup(ctx context.Context, name string, qtype uint16) (*pool.Reply, error) {
	return p.lookupFor(ctx, ownClient{}, name, qtype)
}

// lookupFor looks up a name within a query, on behalf of the client of w. It is a
// [QueryResolver].
func (p *plugins) lookupFor(ctx context.Context, w dns.ResponseWriter, name string, qtype uint16) (*pool.Reply, error) {
	ctx, err := enter(ctx, p, name, qtype)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(p.withServer(ctx), lookupTimeout)
	defer cancel()
	m, err := p.exchange(ctx, w, name, qtype)
	if err != nil {
		return nil, err
	}
	r, target, err := read(m, name, qtype, time.Now())
	if err != nil || target == "" {
		return r, err
	}
	return p.lookUpTarget(ctx, m, name, r, target, qtype)
}

// withServer returns ctx with the values that a server puts into it. The reply is for
// all clients of the record, so plugins must not look up targets through the client's
// server, which picks the view for that client.
func (p *plugins) withServer(ctx context.Context) context.Context {
	if p.server == nil {
		return ctx
	}
	if ctx.Value(dnsserver.LoopKey{}) == nil {
		ctx = context.WithValue(ctx, dnsserver.LoopKey{}, 0)
	}
	return context.WithValue(ctx, dnsserver.Key{}, p.server)
}

// exchange returns the answer of the plugins, which is not truncated.
func (p *plugins) exchange(ctx context.Context, w dns.ResponseWriter, name string, qtype uint16) (*dns.Msg, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx) // before the plugins do any work, such as after a stop
	}
	q := new(dns.Msg).SetQuestion(name, qtype)
	q.SetEdns0(udpSize, true) // with DO, for the signatures
	return orWithoutEDNS(q, func(q *dns.Msg) (*dns.Msg, error) { return p.askOverTCPToo(ctx, w, q) })
}

// askOverTCPToo returns the answer to q, over TCP if it is too long for UDP.
func (p *plugins) askOverTCPToo(ctx context.Context, w dns.ResponseWriter, q *dns.Msg) (*dns.Msg, error) {
	m, err := ask(ctx, p.first(), &writer{ResponseWriter: w}, q.Copy())
	if err == nil && m.Truncated {
		m, err = ask(ctx, p.first(), &writer{ResponseWriter: w, overTCP: true}, q.Copy())
	}
	if err == nil && m.Truncated {
		err = errTruncated
	}
	return m, err
}

// ask returns the answer to q of first, which may be nil, and the plugins after it. If
// they leave an error to the server to write, ask returns an rcodeError.
func ask(ctx context.Context, first plugin.Handler, w *writer, q *dns.Msg) (m *dns.Msg, err error) {
	defer catch(&err)
	aw := &answer.Writer{ResponseWriter: w}
	rcode, err := plugin.NextOrFailure("failover", first, ctx, aw, q)
	switch {
	case w.msg != nil:
		return w.msg, nil
	case aw.Unanswered(rcode, err):
		return nil, errUnanswered
	case err != nil:
		return nil, err
	case plugin.ClientWrite(rcode):
		return nil, errNoAnswer
	default:
		return nil, &rcodeError{rcode}
	}
}

// lookUpTarget completes r, the reply in m for name, with the addresses of target.
func (p *plugins) lookUpTarget(ctx context.Context, m *dns.Msg, name string, r *pool.Reply, target string, qtype uint16) (*pool.Reply, error) {
	if p.targets == nil {
		return nil, errUnanswered
	}
	t, err := p.targets.Lookup(ctx, target, qtype)
	if err != nil {
		return nil, err
	}
	return joinTarget(m, name, r, t)
}
