package corefile

import (
	"slices"
	"strings"
	"unicode"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
	"github.com/coredns-failover/failover/plugin/pool"
)

// svcKeys has the parameters that a pool may set, by their names in the registry of
// RFC 9460. It has no address hints: they come from the pool's addresses.
var svcKeys = map[string]dns.SVCBKey{
	"mandatory":       dns.SVCB_MANDATORY,
	"alpn":            dns.SVCB_ALPN,
	"no-default-alpn": dns.SVCB_NO_DEFAULT_ALPN,
	"port":            dns.SVCB_PORT,
	"ech":             dns.SVCB_ECHCONFIG,
	"dohpath":         dns.SVCB_DOHPATH,
	"ohttp":           dns.SVCB_OHTTP,
}

// withoutValue has the parameters that take no value.
var withoutValue = []dns.SVCBKey{dns.SVCB_NO_DEFAULT_ALPN, dns.SVCB_OHTTP}

func (p *poolBlock) readSvcParams(l syntax.Line) error {
	p.svcParams = make(pool.SvcParams)
	for _, word := range l.Words[1:] {
		name, value, hasValue := strings.Cut(word, "=")
		key, ok := svcKeys[name]
		if !ok {
			return l.Expected(word, "one of %s, as KEY=VALUE, or as KEY= to remove it", syntax.Known(svcKeys))
		}
		if _, ok := p.svcParams[key]; ok {
			return l.Errf("svc_params: %s is given twice", name)
		}
		if hasValue && value == "" {
			p.svcParams[key] = nil
			continue
		}
		v, err := readSvcParam(name, value)
		if err != nil || hasValue == slices.Contains(withoutValue, key) {
			return l.Expected(word, "%s as it stands in a zone file", name)
		}
		p.svcParams[key] = v
	}
	return consistentSvcParams(l, p.svcParams)
}

// readSvcParam parses a parameter in the syntax of zone files.
func readSvcParam(name, value string) (dns.SVCBKeyValue, error) {
	notInValue := func(r rune) bool { return r == '"' || unicode.IsSpace(r) || unicode.IsControl(r) }
	if strings.ContainsFunc(value, notInValue) || strings.HasSuffix(value, `\`) {
		return nil, dns.ErrRdata
	}
	rr, err := dns.NewRR(`. SVCB 1 . ` + name + `="` + value + `"`)
	if err != nil {
		return nil, err
	}
	_, err = dns.PackRR(rr, make([]byte, dns.MaxMsgSize), 0, nil, false)
	v := rr.(*dns.SVCB).Value[0]
	if port, ok := v.(*dns.SVCBPort); ok && port.Port == 0 {
		return nil, dns.ErrRdata
	}
	return v, err
}

// consistentSvcParams refuses parameters that contradict each other in every record
// (RFC 9460, sections 7.1.1 and 8).
func consistentSvcParams(l syntax.Line, params pool.SvcParams) error {
	removed := func(k dns.SVCBKey) bool {
		v, ok := params[k]
		return ok && v == nil
	}
	if params[dns.SVCB_NO_DEFAULT_ALPN] != nil && removed(dns.SVCB_ALPN) {
		return l.Expected("no-default-alpn", "alpn beside it, and that is removed")
	}
	m, ok := params[dns.SVCB_MANDATORY].(*dns.SVCBMandatory)
	if !ok {
		return nil
	}
	for i, k := range m.Code {
		_, known := svcKeys[k.String()]
		known = known || k == dns.SVCB_IPV4HINT || k == dns.SVCB_IPV6HINT
		if !known || k == dns.SVCB_MANDATORY || removed(k) || slices.Contains(m.Code[:i], k) {
			return l.Expected("mandatory="+m.String(), "each key once, and none that is unknown, removed, or mandatory itself")
		}
	}
	return nil
}
