package admin

import (
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// An Explanation is what a query is answered, and why.
type Explanation struct {
	Name   string   `json:"name"`
	Type   string   `json:"type"`
	Client string   `json:"client"`
	Server string   `json:"server"`
	View   string   `json:"view"`
	Record string   `json:"record"`
	Rcode  string   `json:"rcode"`
	TTL    uint32   `json:"ttl"`
	Answer []string `json:"answer"` // records in presentation form
	Error  string   `json:"error"`  // the text of the Extended DNS Error, or ""
	Stages []Stage  `json:"stages"` // in the order in which they decide
}

// A Stage is one of those in which it is decided what is answered.
type Stage struct {
	Stage  string `json:"stage"`
	Result string `json:"result"`
	Reason string `json:"reason"`
}

func explain(c *call) *Problem {
	q, p := c.question()
	if p != nil {
		return p
	}
	e, p := c.backend.Explain(c.r.Context(), q)
	if p != nil {
		return p
	}
	return c.answer(e)
}

func (c *call) question() (q Question, p *Problem) {
	get := c.r.URL.Query()
	name := get.Get("name")
	if _, ok := dns.IsDomainName(name); name == "" || !ok {
		return q, ofField("name", "expected a name")
	}
	q = Question{Name: absolute(name), Type: dns.TypeA, Server: get.Get("server"), View: get.Get("view"), HasView: get.Has("view")}
	if t := get.Get("type"); t != "" {
		var ok bool
		if q.Type, ok = typeNamed(strings.ToUpper(t)); !ok {
			return q, ofField("type", "expected a type of records, such as AAAA")
		}
	}
	q.Client = c.address()
	if s := get.Get("client"); s != "" {
		addr, err := netip.ParseAddr(s)
		if err != nil || addr.Zone() != "" {
			return q, ofField("client", "expected an IP address")
		}
		q.Client = addr.Unmap()
	}
	return q, nil
}

// typeNamed returns the type of a query by its name, such as AAAA or TYPE65. Zone transfers
// and types that stand in no question are none.
func typeNamed(name string) (qtype uint16, ok bool) {
	qtype, ok = dns.StringToType[name]
	if digits, found := strings.CutPrefix(name, "TYPE"); found && !ok {
		n, err := strconv.ParseUint(digits, 10, 16)
		qtype, ok = uint16(n), err == nil // #nosec G115 -- 16 bits
	}
	switch qtype {
	case dns.TypeNone, dns.TypeOPT, dns.TypeTSIG, dns.TypeTKEY, dns.TypeAXFR, dns.TypeIXFR, dns.TypeMAILA, dns.TypeMAILB:
		return 0, false
	}
	return qtype, ok
}

// address returns the address of the caller: loopback if it comes by a socket.
func (c *call) address() netip.Addr {
	host, _, err := net.SplitHostPort(c.r.RemoteAddr)
	if err == nil {
		if addr, err := netip.ParseAddr(host); err == nil {
			return addr.Unmap()
		}
	}
	return netip.AddrFrom4([4]byte{127, 0, 0, 1})
}
