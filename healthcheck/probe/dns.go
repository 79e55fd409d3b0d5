package probe

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/internal/dial"
)

// DNS is the check "dns": a server answers a query with an rcode that is
// expected. The query wants recursion and has no EDNS: any server understands
// it, and a resolver does not answer from its cache alone.
type DNS struct {
	Target     Target // Port is set, Path is not
	Name       string // absolute and lower case
	RRType     uint16
	RCodes     string     // accepted, sorted, joined by ","; NOERROR if not set otherwise
	Answer     string     // regular expression that an RR of the answer must match, or ""
	Transport  string     // "udp", "tcp" or "tls"
	TLSOptions TLSOptions // ServerName is set with "tls", unless Insecure is
}

var _ healthcheck.Check = DNS{}

// Type returns "dns".
func (DNS) Type() string { return "dns" }

// String returns the check as it stands in the Corefile.
func (c DNS) String() string {
	return "dns " + c.Target.String() + " " + c.Name + " " + dns.TypeToString[c.RRType]
}

// Prober returns what asks. It panics if Answer does not compile.
func (c DNS) Prober() healthcheck.Prober { return c.prober(dial.DialNetwork) }

func (c DNS) prober(open dial.DialFunc) *dnsProber {
	return &dnsProber{
		check:  c,
		dial:   open,
		tls:    newTLSSource(c.TLSOptions),
		rcodes: strings.Split(c.RCodes, ","),
		answer: compile(c.Answer),
	}
}

type dnsProber struct {
	check  DNS
	dial   dial.DialFunc
	tls    *tlsSource
	rcodes []string
	answer *regexp.Regexp // nil if there is nothing to match
}

// query returns a new query.
func (p *dnsProber) query() *dns.Msg {
	m := new(dns.Msg).SetQuestion(p.check.Name, p.check.RRType)
	m.RecursionDesired = true
	return m
}

// judge returns why the reply is no pass.
func (p *dnsProber) judge(reply *dns.Msg) error {
	rcode := cmp.Or(dns.RcodeToString[reply.Rcode], strconv.Itoa(reply.Rcode))
	for _, want := range p.rcodes {
		if rcode == want {
			return p.judgeAnswer(reply)
		}
	}
	return fmt.Errorf("rcode %s, expected %s", rcode, strings.Join(p.rcodes, " or "))
}

func (p *dnsProber) judgeAnswer(reply *dns.Msg) error {
	if p.answer == nil {
		return nil
	}
	for _, rr := range reply.Answer {
		// A tab inside of data is escaped, so this takes those between fields.
		if p.answer.MatchString(strings.ReplaceAll(rr.String(), "\t", " ")) {
			return nil
		}
	}
	return fmt.Errorf(`no record of the answer matches "%s"`, p.answer)
}
