package chain

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/pkg/nonwriter"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/pool"
)

// An Asker asks for the addresses of a name in one family, A or AAAA. That there
// are none is a Reply as well. An error is a lookup that failed.
type Asker func(ctx context.Context, name string, qtype uint16) (*pool.Reply, error)

// A QueryAsker is an Asker that asks on behalf of the client of a query.
type QueryAsker func(ctx context.Context, w dns.ResponseWriter, name string, qtype uint16) (*pool.Reply, error)

// errNobody is that of a lookup that nobody wants to answer.
var errNobody = errors.New("nobody answers")

// Through returns an Asker that asks h, which is called for each lookup and may
// return nil. Where an answer ends with an alias, because CoreDNS follows those
// to other zones in queries only, target is asked for what that has.
func Through(h func() plugin.Handler, target Asker) Asker {
	return func(ctx context.Context, name string, qtype uint16) (*pool.Reply, error) {
		r, err := AskFor(ctx, h(), itself{}, name, qtype)
		if err != nil {
			return nil, err
		}
		return chase(ctx, name, r, qtype, target)
	}
}

// Else returns an Asker that asks first, and then second if nobody answers there.
func Else(first, second Asker) Asker {
	return func(ctx context.Context, name string, qtype uint16) (*pool.Reply, error) {
		r, err := first(ctx, name, qtype)
		if errors.Is(err, errNobody) {
			return second(ctx, name, qtype)
		}
		return r, err
	}
}

// AskFor asks h, which may be nil, on behalf of the client of w.
func AskFor(ctx context.Context, h plugin.Handler, w dns.ResponseWriter, name string, qtype uint16) (*pool.Reply, error) {
	if h == nil {
		return nil, errNobody
	}
	q := new(dns.Msg)
	q.SetQuestion(name, qtype)
	q.SetEdns0(dns.DefaultMsgSize, true)
	nw := nonwriter.New(w)
	aw := &answer.Writer{ResponseWriter: nw}
	rcode, err := h.ServeDNS(ctx, aw, q)
	switch {
	case aw.NobodyAnswered(rcode, err):
		return nil, errNobody
	case err != nil:
		return nil, err
	case nw.Msg == nil:
		return nil, errors.New(dns.RcodeToString[rcode])
	case nw.Msg.Rcode == dns.RcodeRefused:
		return nil, errNobody
	}
	return parse(name, qtype, nw.Msg)
}

// maxChase is how many aliases are followed from one Asker to the next.
const maxChase = 8

type chaseKey struct{}

// chase completes a reply that ends with an alias.
func chase(ctx context.Context, name string, r *pool.Reply, qtype uint16, ask Asker) (*pool.Reply, error) {
	to := openEnd(r)
	if to == "" || ask == nil {
		return r, nil
	}
	depth, _ := ctx.Value(chaseKey{}).(int)
	if depth >= maxChase {
		return nil, fmt.Errorf("more than %d aliases from %s on", maxChase, name)
	}
	t, err := ask(context.WithValue(ctx, chaseKey{}, depth+1), to, qtype)
	switch {
	case errors.Is(err, errNobody):
		return r, nil // nor does anybody know better
	case err != nil:
		return nil, err
	}
	return join(name, r, t)
}

// itself is the client of what nobody has asked for: this server, over TCP, so
// that nothing is cut to the size of a packet.
type itself struct{}

var loopback = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 53}

func (itself) LocalAddr() net.Addr         { return loopback }
func (itself) RemoteAddr() net.Addr        { return loopback }
func (itself) Network() string             { return "tcp" }
func (itself) WriteMsg(*dns.Msg) error     { return nil }
func (itself) Write(b []byte) (int, error) { return len(b), nil }
func (itself) Close() error                { return nil }
func (itself) TsigStatus() error           { return nil }
func (itself) TsigTimersOnly(bool)         {}
func (itself) Hijack()                     {}
