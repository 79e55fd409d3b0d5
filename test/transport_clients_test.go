package test

import (
	"context"
	"crypto/tls"
	numbers "encoding/binary" // binary is the server
	"io"

	"github.com/coredns/coredns/pb"

	"github.com/miekg/dns"
	"github.com/quic-go/quic-go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

// overQUIC sends a query to the listener for DNS over QUIC (RFC 9250).
func (s *server) overQUIC(m *dns.Msg, config *tls.Config) *dns.Msg {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), patience)
	defer cancel()
	config = config.Clone()
	config.NextProtos = []string{"doq"}
	conn, err := quic.DialAddr(ctx, s.addr("doq"), config, nil)
	if err != nil {
		s.Fatal(err)
	}
	defer conn.CloseWithError(0, "")
	stream, err := conn.OpenStreamSync(ctx)
	if err != nil {
		s.Fatal(err)
	}
	m = m.Copy()
	m.Id = 0
	query, err := m.Pack()
	if err != nil {
		s.Fatal(err)
	}
	stream.Write(append(numbers.BigEndian.AppendUint16(nil, uint16(len(query))), query...))
	stream.Close()
	body, err := io.ReadAll(stream)
	if err != nil || len(body) < 2 || int(numbers.BigEndian.Uint16(body)) != len(body)-2 {
		s.Fatalf("got %d bytes over QUIC, %v", len(body), err)
	}
	return s.unpacked(body[2:], m)
}

// overGRPC sends a query to the listener for DNS over gRPC.
func (s *server) overGRPC(m *dns.Msg, config *tls.Config) *dns.Msg {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), patience)
	defer cancel()
	conn, err := grpc.NewClient(s.addr("grpc"), grpc.WithTransportCredentials(credentials.NewTLS(config)))
	if err != nil {
		s.Fatal(err)
	}
	defer conn.Close()
	query, err := m.Pack()
	if err != nil {
		s.Fatal(err)
	}
	reply, err := pb.NewDnsServiceClient(conn).Query(ctx, &pb.DnsPacket{Msg: query})
	if err != nil {
		s.Fatal(err)
	}
	return s.unpacked(reply.GetMsg(), m)
}

// unpacked returns the answer to m that is in body.
func (s *server) unpacked(body []byte, m *dns.Msg) *dns.Msg {
	s.Helper()
	r := new(dns.Msg)
	if err := r.Unpack(body); err != nil {
		s.Fatal(err)
	}
	if r.Id != m.Id || len(r.Question) != 1 || r.Question[0] != m.Question[0] {
		s.Errorf("the question came back as %v", r.Question)
	}
	return r
}
