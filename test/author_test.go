package test

import (
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// An author is a name server whose data a test writes and changes. It answers
// as an authoritative server does, but follows CNAMEs.
type author struct {
	addr   string
	t      *testing.T
	script atomic.Pointer[script]

	mu    sync.Mutex     // guards the following
	asked map[string]int // by lower-case name and type
}

// A script is how an author answers.
type script struct {
	records []dns.RR
	rcode   int  // if it is not 0, the rcode of every answer
	silent  bool // it does not answer
	short   bool // it truncates answers over UDP
}

const authorSOA = ". 1 IN SOA ns.test. hostmaster.test. 8 7200 1800 86400 1"

func newAuthor(t *testing.T, records ...string) *author {
	t.Helper()
	a := &author{t: t, asked: make(map[string]int)}
	a.write(records...)
	a.addr = listen(t, a.serve)
	return a
}

// write replaces the data of an author.
func (a *author) write(records ...string) {
	a.t.Helper()
	s := new(script)
	for _, text := range records {
		s.records = append(s.records, rr(a.t, text))
	}
	a.script.Store(s)
}

// becomes makes an author behave differently, with the same data.
func (a *author) becomes(s script) {
	s.records = a.script.Load().records
	a.script.Store(&s)
}

func (a *author) serve(w dns.ResponseWriter, r *dns.Msg) {
	s, q := a.script.Load(), r.Question[0]
	a.mu.Lock()
	a.asked[strings.ToLower(q.Name)+" "+dns.TypeToString[q.Qtype]]++
	a.mu.Unlock()
	if s.silent {
		return
	}
	m := new(dns.Msg)
	m.SetReply(r)
	_, overUDP := w.RemoteAddr().(*net.UDPAddr)
	switch {
	case s.rcode != 0:
		m.Rcode = s.rcode
	case s.short && overUDP:
		m.Truncated = true
	default:
		s.answer(a.t, m, q)
	}
	w.WriteMsg(m)
}

// answer adds the records for a question.
func (s *script) answer(t *testing.T, m *dns.Msg, q dns.Question) {
	m.Rcode = dns.RcodeNameError
	for name, steps := q.Name, 0; name != "" && steps < 10; steps++ {
		next := ""
		for _, rr := range s.records {
			if !strings.EqualFold(rr.Header().Name, name) {
				continue
			}
			m.Rcode = dns.RcodeSuccess
			if cname, ok := rr.(*dns.CNAME); ok && q.Qtype != dns.TypeCNAME {
				next = cname.Target
			} else if rr.Header().Rrtype != q.Qtype {
				continue
			}
			m.Answer = append(m.Answer, rr)
		}
		name = next
	}
	if len(m.Answer) == 0 {
		m.Ns = append(m.Ns, rr(t, authorSOA))
	}
}

// count returns how often an author got a query.
func (a *author) count(name, qtype string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.asked[dns.Fqdn(name)+" "+qtype]
}

// isAskedAgain waits until an author has got a query n more times.
func (a *author) isAskedAgain(n int, name, qtype string) {
	a.t.Helper()
	before := a.count(name, qtype)
	eventually(a.t, name+" is asked for again", func() bool { return a.count(name, qtype) >= before+n })
}

// seconds returns d in whole seconds, rounded up.
func seconds(d time.Duration) int { return int(d/time.Second) + 1 }

// serial counts the versions of zones.
var serial version

type version struct{ atomic.Uint32 }

func (v *version) next() string { return strconv.Itoa(100 + int(v.Add(1))) }
