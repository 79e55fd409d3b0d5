package dnsreply

import (
	"errors"
	"strings"

	"github.com/miekg/dns"
)

// ErrCut is the error for a truncated reply that ends within a record.
var ErrCut = errors.New("the answer is truncated within a record")

var (
	errNotDNS   = errors.New("not a DNS message")
	errQuestion = errors.New("an answer to another question")
)

// Read parses packet, a reply to query. The error is ErrCut if the reply is truncated within
// a record.
func Read(query *dns.Msg, packet []byte) (*dns.Msg, error) {
	reply := new(dns.Msg)
	broken := reply.Unpack(packet) != nil
	switch {
	case broken && !reply.Truncated:
		return nil, errNotDNS
	case reply.Id != query.Id || !reply.Response || reply.Opcode != query.Opcode || !repeats(reply, query.Question[0]):
		return nil, errQuestion
	case broken, reply.Truncated && len(reply.Question) == 0:
		return nil, ErrCut
	}
	return reply, nil
}

// repeats reports whether the question of a reply is the one that was asked. A server may
// leave it out of a reply with an error or TC: unbound refuses, and many answer FORMERR,
// with a bare header.
func repeats(reply *dns.Msg, asked dns.Question) bool {
	switch len(reply.Question) {
	case 0:
		return reply.Rcode != dns.RcodeSuccess || reply.Truncated
	case 1:
		got := reply.Question[0]
		return got.Qtype == asked.Qtype && got.Qclass == asked.Qclass && strings.EqualFold(got.Name, asked.Name)
	}
	return false
}
