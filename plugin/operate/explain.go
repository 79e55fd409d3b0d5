package operate

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/admin"
	"github.com/coredns-failover/failover/plugin/override"
	"github.com/coredns-failover/failover/plugin/serve"
)

// explain says what a query is answered, and why.
func (o *Operator) explain(ctx context.Context, q admin.Question) (*admin.Explanation, *admin.Problem) {
	blocks := o.process.Latest()
	asked := serve.Question{Name: q.Name, Type: q.Type, Client: q.Client, Server: q.Server}
	if q.HasView {
		asked.View = &q.View
	}
	switch {
	case q.Server != "" && !serve.Listens(blocks, q.Server):
		return nil, badRequest("server", "no server block listens on %s", q.Server)
	case q.View != "" && !serve.HasView(blocks, q.View):
		return nil, badRequest("view", "there is no view %s with records", q.View)
	}
	e, found := serve.Explain(ctx, blocks, asked, serve.Facts{
		CutOff: o.registry.Frozen(), Witnesses: len(o.witnesses()), Override: o.describe,
	})
	if !found {
		return nil, &admin.Problem{
			Title: http.StatusText(http.StatusNotFound), Status: http.StatusNotFound,
			Detail: fmt.Sprintf("no record covers %s where this query would go", q.Name),
		}
	}
	return explanationOf(&q, &e), nil
}

func badRequest(field, format string, v ...any) *admin.Problem {
	return &admin.Problem{
		Title: http.StatusText(http.StatusBadRequest), Status: http.StatusBadRequest, Field: field, Detail: fmt.Sprintf(format, v...),
	}
}

// describe says what an override does, by whom and why.
func (o *Operator) describe(id string) string {
	list := o.overrides.List()
	i := slices.IndexFunc(list, func(v override.Override) bool { return v.ID == id })
	if i < 0 {
		return "it has ended"
	}
	v := &list[i]
	text := string(v.Action)
	if v.Expires != nil {
		text += " until " + v.Expires.UTC().Format("2006-01-02T15:04:05Z")
	}
	return fmt.Sprintf("%s, by %s: %s", text, v.Actor, v.Reason)
}

func explanationOf(q *admin.Question, e *serve.Explanation) *admin.Explanation {
	x := &admin.Explanation{
		Name: q.Name, Type: dns.Type(q.Type).String(), Client: q.Client.String(),
		Server: e.Place.Server, View: e.Place.View, Record: e.Place.Record,
		Rcode:  cmp.Or(dns.RcodeToString[e.Reply.Rcode], fmt.Sprintf("RCODE%d", e.Reply.Rcode)),
		TTL:    ttlOf(e.Reply),
		Answer: []string{}, Error: errorOf(e.Reply),
	}
	for _, r := range e.Reply.Answer {
		x.Answer = append(x.Answer, r.String())
	}
	for _, s := range e.Stages {
		x.Stages = append(x.Stages, admin.Stage(s))
	}
	return x
}

// ttlOf returns for how many seconds a resolver may keep m.
func ttlOf(m *dns.Msg) uint32 {
	rrs := m.Answer
	if len(rrs) == 0 {
		rrs = m.Ns
	}
	if len(rrs) == 0 {
		return 0
	}
	return slices.MinFunc(rrs, func(a, b dns.RR) int { return cmp.Compare(a.Header().Ttl, b.Header().Ttl) }).Header().Ttl
}

// errorOf returns the text of the Extended DNS Error in m, or "".
func errorOf(m *dns.Msg) string {
	if opt := m.IsEdns0(); opt != nil {
		for _, o := range opt.Option {
			if e, ok := o.(*dns.EDNS0_EDE); ok {
				return e.ExtraText
			}
		}
	}
	return ""
}
