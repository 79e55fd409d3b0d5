package failover

import (
	"context"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/zone"

	"github.com/miekg/dns"
)

// conclude returns m, an answer of the next plugins, with what the first record
// answers to which its CNAMEs lead, and without the denial of a name that exists
// because a record stands below it.
func (f *Failover) conclude(ctx context.Context, w dns.ResponseWriter, r, m *dns.Msg) *dns.Msg {
	for _, name := range answer.Targets(m) {
		rec, match := f.names.Find(name)
		switch {
		case match == zone.Record:
			return f.query(w, r, name, rec).Conclude(ctx, m)
		case match == zone.Exists && m.Rcode == dns.RcodeNameError:
			if last := f.targets.LookUp(ctx, w, r, name, r.Question[0].Qtype); last != nil {
				return answer.Concluded(m, name, last, r, f.about(name, nil).ttl)
			}
		}
	}
	return m
}
