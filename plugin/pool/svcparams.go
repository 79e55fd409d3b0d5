package pool

import (
	"maps"

	"github.com/miekg/dns"
)

// SvcParams replace parameters of HTTPS and SVCB records (RFC 9460); nil removes
// one. They are shared and never changed.
type SvcParams map[dns.SVCBKey]dns.SVCBKeyValue

// withoutECH is for what does not answer from the first pool. The keys in ech are
// those of the provider that the records were written for, and clients cannot
// open a connection to another with them.
var withoutECH = SvcParams{dns.SVCB_ECHCONFIG: nil}

// svcParams returns those of a pool of rec.
func (rec *Record) svcParams(p *Pool) SvcParams {
	_, says := p.SvcParams[dns.SVCB_ECHCONFIG]
	switch {
	case says || p == &rec.Pools[0]:
		return p.SvcParams
	case len(p.SvcParams) == 0:
		return withoutECH
	}
	params := maps.Clone(p.SvcParams)
	params[dns.SVCB_ECHCONFIG] = nil
	return params
}
