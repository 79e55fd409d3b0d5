package check

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

const dnsUsage = "check dns [ARG] NAME [TYPE]"

// A dnsCheck has the settings of check dns.
type dnsCheck struct {
	timing
	probe.DNS
}

var _ settings = (*dnsCheck)(nil)

var dnsProperties = syntax.Join(
	syntax.Part(networkProperties, (*dnsCheck).schedule),
	syntax.Part(tlsProperties, func(c *dnsCheck) *probe.TLSOptions { return &c.TLSOptions }),
	syntax.Properties[*dnsCheck]{
		"rcode":     {Usage: "rcode CODE...", Min: 1, Max: syntax.Many, Read: (*dnsCheck).readRCodes},
		"answer":    {Usage: "answer REGEX", Min: 1, Max: 1, Text: true, Read: (*dnsCheck).readAnswer},
		"transport": {Usage: "transport udp|tcp|tls", Min: 1, Max: 1, Read: (*dnsCheck).readTransport},
	})

// readArgs reads [ARG] NAME [TYPE]. The first argument is ARG if it has a colon.
func (c *dnsCheck) readArgs(l syntax.Line, args []string) (err error) {
	if len(args) > 0 && strings.Contains(args[0], ":") {
		if c.Target, err = readTarget(l, args[0], false); err != nil {
			return err
		}
		args = args[1:]
	}
	switch {
	case len(args) == 0:
		return l.Errf("check dns: missing NAME, expected %s", dnsUsage)
	case len(args) > 2:
		return l.Errf("check dns: surplus argument %s, expected %s", syntax.Show(args[2]), dnsUsage)
	}
	return c.readQuestion(l, args[0], append(args, "A")[1])
}

func (c *dnsCheck) readQuestion(l syntax.Line, name, rrtype string) error {
	var ok bool
	if c.Name, ok = syntax.Domain(name); !ok || syntax.IsAddress(name) {
		return l.Errf("check dns %s: expected NAME to be a domain name; an ARG before it has a colon%s", syntax.Show(name), syntax.InASCII(name))
	}
	c.RRType, ok = dns.StringToType[strings.ToUpper(rrtype)]
	if !ok || slices.Contains(unsupportedTypes, c.RRType) {
		return l.Errf("check dns %s: expected TYPE to be the type of a record, such as A or SOA", syntax.Show(rrtype))
	}
	return nil
}

// unsupportedTypes are the types that a query in one packet cannot ask for.
var unsupportedTypes = []uint16{
	dns.TypeNone, dns.TypeReserved, dns.TypeOPT, dns.TypeTSIG, dns.TypeTKEY, dns.TypeAXFR, dns.TypeIXFR,
}

// rcodes are the codes that a reply without EDNS can have, by their name.
var rcodes = func() map[string]int {
	known := maps.Clone(dns.StringToRcode)
	maps.DeleteFunc(known, func(_ string, code int) bool { return code > 15 })
	return known
}()

func (c *dnsCheck) readRCodes(l syntax.Line) error {
	var codes []int
	for _, s := range l.Words[1:] {
		code, ok := rcodes[strings.ToUpper(s)]
		if !ok {
			return l.Expected(s, "an rcode, one of %s", syntax.Known(rcodes))
		}
		codes = append(codes, code)
	}
	slices.Sort(codes)
	var words []string
	for _, code := range slices.Compact(codes) {
		words = append(words, dns.RcodeToString[code])
	}
	c.RCodes = strings.Join(words, ",")
	return nil
}

func (c *dnsCheck) readAnswer(l syntax.Line) (err error) {
	c.Answer, err = readRegexp(l)
	return err
}

func (c *dnsCheck) readTransport(l syntax.Line) error {
	switch s := l.Words[1]; s {
	case "udp", "tcp", "tls":
		c.Transport = s
		return nil
	default:
		return l.Expected(s, "udp, tcp or tls")
	}
}

func (c *dnsCheck) build(at syntax.Line, s Subject) (healthcheck.Check, error) {
	d := c.DNS
	d.RCodes = cmp.Or(d.RCodes, "NOERROR")
	d.Transport = cmp.Or(d.Transport, "udp")
	if d.Transport != "tls" {
		d.Target.Port = cmp.Or(d.Target.Port, s.Port, 53)
		return d, refuseTLS(at, "transport tls")
	}
	d.Target.Port = cmp.Or(d.Target.Port, s.Port, 853)
	err := completeTLS(&d.TLSOptions, at, serverName(d.Target, s), s)
	return d, err
}
