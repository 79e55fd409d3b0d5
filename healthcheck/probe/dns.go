package probe

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/dnsreply"
	"github.com/coredns-failover/failover/healthcheck/internal/dial"
)

// DNS is the check "dns". It passes if a server answers a query with an expected rcode
// and, if Answer is set, with a matching RR. The query has RD set, so that a resolver
// does not answer from its cache alone, and no EDNS, so that any server understands it.
type DNS struct {
	Target     Target // Port is set, Path is not
	Name       string // absolute and lower case
	RRType     uint16
	RCodes     string     // accepted, sorted, joined by ","; not ""
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

// Prober returns the prober. It panics if Answer does not compile.
func (c DNS) Prober() healthcheck.Prober { return c.prober(dial.Dial) }

func (c DNS) prober(open dial.Func) *dnsProber {
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
	dial   dial.Func
	tls    *tlsSource
	rcodes []string
	answer *regexp.Regexp // nil if any answer passes
}

// query returns a new query.
func (p *dnsProber) query() *dns.Msg {
	m := new(dns.Msg).SetQuestion(p.check.Name, p.check.RRType)
	m.RecursionDesired = true
	return m
}

// verify returns nil if the reply is a pass, or why it is not.
func (p *dnsProber) verify(reply *dns.Msg) error {
	rcode := cmp.Or(dns.RcodeToString[reply.Rcode], strconv.Itoa(reply.Rcode))
	for _, want := range p.rcodes {
		if rcode == want {
			return p.verifyAnswer(reply)
		}
	}
	return fmt.Errorf("rcode %s, expected %s", rcode, strings.Join(p.rcodes, " or "))
}

func (p *dnsProber) verifyAnswer(reply *dns.Msg) error {
	if p.answer == nil {
		return nil
	}
	for _, rr := range reply.Answer {
		// RDATA has its tabs escaped: these are the tabs between fields.
		if p.answer.MatchString(strings.ReplaceAll(rr.String(), "\t", " ")) {
			return nil
		}
	}
	return fmt.Errorf(`no record of the answer matches "%s"`, p.answer)
}

// maxDatagram is how much of a UDP reply is read. Without EDNS the limit is 512 bytes
// (RFC 1035, section 4.2.1), but not every server keeps it.
const maxDatagram = 4 << 10

// Probe queries once. It queries again over TCP if a UDP reply is truncated and what is
// left of it cannot be read or does not match.
func (p *dnsProber) Probe(ctx context.Context, addr netip.Addr) error {
	network := "tcp"
	if p.check.Transport == "udp" {
		network = "udp"
	}
	reply, err := p.exchange(ctx, addr, network)
	if network == "udp" && (errors.Is(err, dnsreply.ErrCut) || err == nil && reply.Truncated && p.verifyAnswer(reply) != nil) {
		reply, err = p.exchange(ctx, addr, "tcp")
	}
	if err != nil {
		return err
	}
	return p.verify(reply)
}

// exchange sends the query on a new connection and returns the reply.
func (p *dnsProber) exchange(ctx context.Context, addr netip.Addr, network string) (*dns.Msg, error) {
	conn, err := p.dial(ctx, network, p.check.Target.address(addr))
	if err != nil {
		return nil, dial.Error(ctx, err)
	}
	defer conn.Close()
	defer dial.EndWith(ctx, conn)()
	if p.check.Transport == "tls" {
		if conn, err = p.handshake(ctx, conn); err != nil {
			return nil, err
		}
	}
	reply, err := roundTrip(conn, p.query(), network)
	if err != nil {
		return nil, dial.Because(ctx, "waiting for the answer", dial.ClosedOr(err))
	}
	return reply, nil
}

func (p *dnsProber) handshake(ctx context.Context, conn net.Conn) (net.Conn, error) {
	config, err := p.tls.config(ctx, p.check.TLSOptions.ServerName, false)
	if err != nil {
		return nil, healthcheck.MarkInconclusive(err)
	}
	return handshake(ctx, conn, config)
}

func roundTrip(conn net.Conn, query *dns.Msg, network string) (*dns.Msg, error) {
	packet, err := query.Pack()
	if err != nil {
		return nil, err
	}
	if network == "udp" {
		return datagramRoundTrip(conn, query, packet)
	}
	return streamRoundTrip(conn, query, packet)
}

// datagramRoundTrip returns the reply to the query. It ignores all other datagrams: they
// may be forged.
func datagramRoundTrip(conn net.Conn, query *dns.Msg, packet []byte) (*dns.Msg, error) {
	if _, err := conn.Write(packet); err != nil {
		return nil, err
	}
	buf := make([]byte, maxDatagram)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return nil, err
		}
		if reply, err := dnsreply.Read(query, buf[:n]); err == nil || errors.Is(err, dnsreply.ErrCut) {
			return reply, err
		}
	}
}

// streamRoundTrip returns the first message on the connection, which must be the reply.
func streamRoundTrip(conn net.Conn, query *dns.Msg, packet []byte) (*dns.Msg, error) {
	framed := append(binary.BigEndian.AppendUint16(nil, uint16(len(packet))), packet...)
	if _, err := conn.Write(framed); err != nil {
		return nil, err
	}
	var length [2]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		return nil, err
	}
	reply := make([]byte, binary.BigEndian.Uint16(length[:]))
	if _, err := io.ReadFull(conn, reply); err != nil {
		return nil, err
	}
	return dnsreply.Read(query, reply)
}
