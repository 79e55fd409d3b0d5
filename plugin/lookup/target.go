package lookup

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync/atomic"
	"time"

	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/request"

	"github.com/miekg/dns"
)

// Targets look up the targets of CNAMEs within a client's query.
type Targets struct {
	// Entry returns the first plugin of the own server block, see [coredns.Entry].
	Entry func() plugin.Handler
	// Elsewhere reports whether another server block serves a name: then the answer of
	// the server comes first, which picks the block for the client. nil means never.
	Elsewhere func(name string) bool
}

// WithClientWait returns a context that limits how long a client waits for lookups.
func WithClientWait(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, clientWait)
}

// Lookup returns the answer for a name to the client of w whose query is r, or nil if
// there is none before ctx ends, or within a second. The lookup goes on after that, so
// that a cache has the answer for the next client.
func (t *Targets) Lookup(ctx context.Context, w dns.ResponseWriter, r *dns.Msg, name string, qtype uint16) *dns.Msg {
	state := request.Request{W: w, Req: r}
	q := state.NewWithQuestion(name, qtype).Req
	on := client{local: w.LocalAddr(), remote: w.RemoteAddr()}
	ctx, cancel := WithClientWait(ctx)
	defer cancel()
	m, _ := await(ctx, begin(new(atomic.Bool), func() (*dns.Msg, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookupTimeout)
		defer cancel()
		return t.lookUp(ctx, on, q), nil
	}))
	return m
}

// lookUp returns the answer to q, or nil. If it ends with a CNAME, it looks up the target
// too, up to maxChain times.
func (t *Targets) lookUp(ctx context.Context, w client, q *dns.Msg) *dns.Msg {
	m, asked := t.ask(ctx, w, q), q.Question[0].Name
	for range maxChain {
		target := openTarget(m, q.Question[0])
		if target == "" || target == asked {
			break
		}
		state := request.Request{W: w, Req: q}
		next := t.ask(ctx, w, state.NewWithQuestion(target, q.Question[0].Qtype).Req)
		if next == nil {
			break
		}
		c := *next
		c.Question, c.Answer = m.Question, slices.Concat(m.Answer, next.Answer)
		m, asked = &c, target
	}
	return m
}

// openTarget returns the last target of the CNAMEs in m if m has no more about it, else
// "". m may be nil.
func openTarget(m *dns.Msg, q dns.Question) string {
	if m == nil || m.Truncated {
		return ""
	}
	_, target, err := read(m, q.Name, q.Qtype, time.Now())
	if err != nil {
		return ""
	}
	return target
}

// ask returns the answer of the server if another of its blocks serves the name, else
// that of the own block. It is nil if there is none, or only REFUSED.
func (t *Targets) ask(ctx context.Context, w client, q *dns.Msg) *dns.Msg {
	if s, ok := ctx.Value(dnsserver.Key{}).(*dnsserver.Server); ok && t.Elsewhere != nil && t.Elsewhere(q.Question[0].Name) {
		if m := answerOf(ctx, serverChain(s), w, q); m != nil {
			return m
		}
	}
	return answerOf(ctx, t.Entry(), w, q)
}

// serverChain returns a server as a plugin.
func serverChain(s *dnsserver.Server) plugin.Handler {
	return plugin.HandlerFunc(func(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
		s.ServeDNS(ctx, w, r)
		return dns.RcodeSuccess, nil
	})
}

// answerOf returns the answer of first to q. If first leaves an error to the server to
// write, the answer has that rcode and no records. It is nil if there is none, or
// REFUSED.
func answerOf(ctx context.Context, first plugin.Handler, w client, q *dns.Msg) *dns.Msg {
	m, err := orWithoutEDNS(q, func(q *dns.Msg) (*dns.Msg, error) { return ask(ctx, first, w.writer(), q.Copy()) })
	if e := (*rcodeError)(nil); errors.As(err, &e) {
		m = new(dns.Msg).SetRcode(q, e.Rcode)
	}
	if m == nil || m.Rcode == dns.RcodeRefused {
		return nil
	}
	return m
}

// A client is the client of a lookup. Unlike the writer of its query, it may be used
// after the answer.
type client struct {
	ownClient
	local, remote net.Addr
}

func (c client) LocalAddr() net.Addr  { return c.local }
func (c client) RemoteAddr() net.Addr { return c.remote }

func (c client) writer() *writer {
	_, overTCP := c.remote.(*net.TCPAddr)
	return &writer{ResponseWriter: c, overTCP: overTCP}
}
