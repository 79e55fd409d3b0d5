package corefile

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
)

const dnsUsage = "check dns [ARG] NAME [TYPE]"

var dnsProperties = join(timingProperties, sourceProperties, tlsProperties, properties[*check]{
	"rcode":     {usage: "rcode CODE...", min: 1, max: many, read: (*check).readRCodes},
	"answer":    {usage: "answer REGEX", min: 1, max: 1, text: true, read: (*check).readAnswer},
	"transport": {usage: "transport udp|tcp|tls", min: 1, max: 1, read: (*check).readTransport},
})

// readDNS reads [ARG] NAME [TYPE]; ARG is what has a colon.
func (c *check) readDNS(args []string) (err error) {
	if len(args) > 0 && strings.Contains(args[0], ":") {
		if c.target, err = readTarget(c.at, args[0], false); err != nil {
			return err
		}
		args = args[1:]
	}
	switch {
	case len(args) == 0:
		return c.at.errf("check dns: missing NAME, expected %s", dnsUsage)
	case len(args) > 2:
		return c.at.errf("check dns: surplus argument %s, expected %s", show(args[2]), dnsUsage)
	}
	return c.readQuestion(args[0], append(args, "A")[1])
}

func (c *check) readQuestion(name, rrtype string) error {
	var ok bool
	if c.dns.Name, ok = domain(name); !ok || isAddress(name) {
		return c.at.errf("check dns %s: expected NAME to be a domain name; an ARG before it has a colon%s", show(name), inASCII(name))
	}
	c.dns.RRType, ok = dns.StringToType[strings.ToUpper(rrtype)]
	if !ok || slices.Contains(notAsked, c.dns.RRType) {
		return c.at.errf("check dns %s: expected TYPE to be the type of a record, such as A or SOA", show(rrtype))
	}
	return nil
}

// notAsked are the types that are no question of one packet.
var notAsked = []uint16{
	dns.TypeNone, dns.TypeReserved, dns.TypeOPT, dns.TypeTSIG, dns.TypeTKEY, dns.TypeAXFR, dns.TypeIXFR,
}

// rcodes are the codes that a reply without EDNS can have.
var rcodes = func() map[string]int {
	known := maps.Clone(dns.StringToRcode)
	maps.DeleteFunc(known, func(_ string, code int) bool { return code > 15 })
	return known
}()

func (c *check) readRCodes(l line) error {
	var codes []int
	for _, s := range l.words[1:] {
		code, ok := rcodes[strings.ToUpper(s)]
		if !ok {
			return l.expected(s, "an rcode, one of %s", known(rcodes))
		}
		codes = append(codes, code)
	}
	slices.Sort(codes)
	var words []string
	for _, code := range slices.Compact(codes) {
		words = append(words, dns.RcodeToString[code])
	}
	c.dns.RCodes = strings.Join(words, ",")
	return nil
}

func (c *check) readAnswer(l line) (err error) {
	c.dns.Answer, err = readRegexp(l)
	return err
}

func (c *check) readTransport(l line) error {
	switch s := l.words[1]; s {
	case "udp", "tcp", "tls":
		c.dns.Transport = s
		return nil
	default:
		return l.expected(s, "udp, tcp or tls")
	}
}

func buildDNS(c *check, s subject) (_ healthcheck.Check, err error) {
	d := c.dns
	d.Target = c.target
	d.RCodes = cmp.Or(d.RCodes, "NOERROR")
	d.Transport = cmp.Or(d.Transport, "udp")
	d.Target.Port = 53
	if d.Transport == "tls" {
		d.Target.Port = 853
	}
	d.Target.Port = cmp.Or(c.port(s.endpoint), d.Target.Port)
	d.TLSOptions, err = c.tlsOptions(d.Transport == "tls", "transport tls", c.serverName(s), s)
	return d, err
}
