package corefile

import (
	"github.com/coredns/caddy"

	"github.com/coredns-failover/failover/plugin/corefile/internal/check"
	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
	"github.com/coredns-failover/failover/plugin/pool"
)

var witnessProperties = syntax.Properties[*poolBlock]{
	"check": poolProperties["check"],
}

func (b *block) readWitness(l syntax.Line) error {
	p := poolBlock{at: l, name: "witness"}
	for _, s := range l.Words[1:] {
		e, err := readEndpoint(l, "witness", s)
		if err != nil {
			return err
		}
		if e.next {
			return l.Expected(s, "an address or a host name: a witness belongs to no record")
		}
		if err := p.add(l, e); err != nil {
			return err
		}
	}
	if err := witnessProperties.Read("witness", l.Body, &p); err != nil {
		return err
	}
	b.witness = &p
	return nil
}

// addWitnesses adds the witnesses of the block b with their checks. Only one block of a
// Corefile may have witnesses.
func (p *parser) addWitnesses(c *caddy.Controller, b *block) error {
	w := b.witness
	if w == nil {
		return nil
	}
	if err := oncePerCorefile(c, w.at); err != nil {
		return err
	}
	h := w.health.Inherit(b.health)
	if h.Empty() || h.None() {
		return w.at.Errf("witness: missing check, expected one other than none here or in its block")
	}
	for _, e := range w.endpoints {
		// A witness is in no record: the default host of its checks is its own name or address.
		keys, err := h.Keys(check.Subject{Endpoint: e.Endpoint, Record: e.String()})
		if err != nil {
			return err
		}
		p.config.Witnesses = append(p.config.Witnesses, pool.Endpoint{Addr: e.Addr, Host: e.Host, Checks: keys})
	}
	return nil
}
