package pool

import (
	"maps"

	"github.com/miekg/dns"
)

// SvcParams replace parameters of HTTPS and SVCB records (RFC 9460); a nil value removes
// the parameter. They are shared and never changed.
type SvcParams map[dns.SVCBKey]dns.SVCBKeyValue

// withoutECH removes ech, for answers that are not from the first pool. The keys in ech
// are those of the provider that the records were written for: with them, clients cannot
// connect to another provider.
var withoutECH = SvcParams{dns.SVCB_ECHCONFIG: nil}

// svcParams returns the SvcParams of a pool of rec, which remove ech unless the pool is the
// first or sets it itself.
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
