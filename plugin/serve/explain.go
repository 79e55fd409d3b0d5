package serve

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/request"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
	"github.com/coredns-failover/failover/plugin/zone"
)

// A Question is a query that is to be explained.
type Question struct {
	Name   string // absolute and lower case
	Type   uint16
	Client netip.Addr
	Server string  // the address that is asked; "" is each that the blocks listen on
	View   *string // the view that answers; nil leaves it to the views
}

// Facts are what an explanation needs to know of the process.
type Facts struct {
	CutOff    bool // no witness answers
	Witnesses int
	Override  func(id string) string // describes an override
}

// An Explanation says what a query is answered, and why.
type Explanation struct {
	Place  pool.Place
	Reply  *dns.Msg
	Stages []Stage // the ten that package pool lists
}

// A Stage is what one of the stages saw and did.
type Stage struct{ Stage, Result, Reason string }

// Explain answers a query as its client would be answered, with the code that answers
// queries, and says why. It looks up no address that is not known, probes nothing, and
// counts nothing. It returns false if no record of blocks covers the name.
func Explain(ctx context.Context, blocks []*Block, q Question, f Facts) (e Explanation, found bool) {
	for _, server := range serversOf(blocks, q.Server) {
		w := newExplainWriter(q.Client, server)
		r := new(dns.Msg).SetQuestion(q.Name, q.Type)
		r.SetEdns0(dns.DefaultMsgSize, false)
		cfg, ctx := blocks[0].place.Route(ctx, server, q.View, request.Request{W: w, Req: r})
		if cfg == nil {
			continue
		}
		i := slices.IndexFunc(blocks, func(b *Block) bool { return cfg.Handler(name) == b.cfg.Handler })
		if i < 0 {
			continue
		}
		if rec, match := blocks[i].Find(q.Name); match == zone.Record {
			return blocks[i].explain(ctx, &query{blocks[i], w, r, q.Name, rec}, w, server, &f), true
		}
	}
	return e, false
}

// Listens reports whether the Corefile of blocks has a server.
func Listens(blocks []*Block, server string) bool {
	return len(blocks) > 0 && blocks[0].place.Listens(server)
}

// HasView reports whether one of blocks is in a view; "" is none.
func HasView(blocks []*Block, view string) bool {
	return slices.ContainsFunc(blocks, func(b *Block) bool { return b.view == view })
}

// serversOf returns the addresses that blocks listen on, or only is if that is not "".
func serversOf(blocks []*Block, only string) (servers []string) {
	if only != "" && len(blocks) > 0 {
		return []string{only}
	}
	for _, b := range blocks {
		for _, s := range b.servers {
			if !slices.Contains(servers, s) {
				servers = append(servers, s)
			}
		}
	}
	return servers
}

func (b *Block) explain(ctx context.Context, q *query, w *explainWriter, server string, f *Facts) Explanation {
	x := &explanation{rec: q.rec, name: q.name}
	explaining.Add(1)
	defer explaining.Add(-1)
	ctx = context.WithValue(ctx, explanationKey{}, x)
	ctx = context.WithValue(ctx, dnsserver.Key{}, b.standIn)
	rcode, _ := b.cfg.Handler.ServeDNS(ctx, w, q.r)
	if w.msg == nil {
		w.msg = new(dns.Msg).SetRcode(q.r, rcode)
	}
	d := x.decided()
	if d == nil { // the next plugins answer
		own, _ := q.decide(ctx)
		d = &own
	}
	s := stages{query: q, d: d, facts: f, reply: w.msg, by: d.View.By, status: q.status()}
	if d.View.Choose {
		_, s.by = q.rec.chooser.Pool(ctx, d.View, request.Request{W: w, Req: q.r}, d.Client, time.Now())
	}
	at := q.rec.place
	at.Server = server
	return Explanation{Place: at, Reply: w.msg, Stages: s.all()}
}

// status returns how the record is doing, or below a wildcard the name.
func (q *query) status() pool.Status {
	if q.rec.learned != nil {
		if t := q.rec.learned.TrackerOf(q.name); t != nil {
			return t.Status()
		}
	}
	return q.rec.Tracker.Status()
}

// explaining counts the explanations that are being made. Only while there are some is it
// worth to look whether the context of a query has one.
var explaining atomic.Int32

type explanationKey struct{}

// An explanation keeps what was decided for a query that is explained. Queries for other
// records that it leads to have it in their context as well.
type explanation struct {
	rec  *Record
	name string

	mu       sync.Mutex // guards the following
	decision *decision
}

// explanationOf returns the explanation that a query is part of, or nil.
func explanationOf(ctx context.Context) *explanation {
	if explaining.Load() == 0 {
		return nil
	}
	x, _ := ctx.Value(explanationKey{}).(*explanation)
	return x
}

// isExplained reports whether a query is part of an explanation. If so, its answer counts
// nowhere: d gets a rotation of its own.
func isExplained(ctx context.Context, q *query, d *decision) bool {
	x := explanationOf(ctx)
	if x == nil {
		return false
	}
	x.note(q, d)
	if d.Set != nil {
		d.Set = d.Set.WithOwnRotation()
	}
	return true
}

func (x *explanation) note(q *query, d *decision) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.decision == nil && q.rec == x.rec && q.name == x.name {
		c := *d
		x.decision = &c
	}
}

// decided returns what was decided, or nil if the record has answered nothing.
func (x *explanation) decided() *decision {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.decision
}
