package probe

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/internal/dial"
)

// GRPC is the check "grpc". It passes if the service grpc.health.v1 answers SERVING.
type GRPC struct {
	TLS        bool
	Target     Target // Port is set, Path is not
	Service    string // "" is the server as a whole
	Authority  string // the :authority of the call; "" is the probed address
	TLSOptions TLSOptions

	ProxyProtocol byte // version of the PROXY header that is sent first; 0 for none
}

var _ healthcheck.Check = GRPC{}

// Type returns "grpc".
func (GRPC) Type() string { return "grpc" }

// String returns type, target and service.
func (c GRPC) String() string {
	if c.Service == "" {
		return "grpc " + c.Target.String()
	}
	return "grpc " + c.Target.String() + " service " + c.Service
}

// Prober returns the prober.
func (c GRPC) Prober() healthcheck.Prober { return c.prober(dial.Dial) }

func (c GRPC) prober(open dial.Func) *grpcProber {
	return &grpcProber{check: c, dial: open, tls: newTLSSource(c.TLSOptions)}
}

type grpcProber struct {
	check GRPC
	dial  dial.Func
	tls   *tlsSource
}

func (p *grpcProber) Probe(ctx context.Context, addr netip.Addr) error {
	conn, err := p.open(ctx, addr)
	if err != nil {
		return err
	}
	defer conn.close()
	return p.ask(ctx, conn)
}

func (p *grpcProber) ask(ctx context.Context, conn *grpcConn) error {
	reply, err := healthpb.NewHealthClient(conn.client).Check(ctx, p.request())
	if text := conn.said.heard(); err != nil && !isHTTP2(text) && ctx.Err() != context.Canceled {
		return notAnswer("HTTP/2", text)
	}
	if err != nil {
		return dial.Because(ctx, "waiting for the answer", p.callError(conn, err))
	}
	return verifyServing(reply.GetStatus())
}

func (p *grpcProber) request() *healthpb.HealthCheckRequest {
	return &healthpb.HealthCheckRequest{Service: p.check.Service}
}

// verifyServing returns nil if s is SERVING.
func verifyServing(s healthpb.HealthCheckResponse_ServingStatus) error {
	if s == healthpb.HealthCheckResponse_SERVING {
		return nil
	}
	return fmt.Errorf("status %s, expected SERVING", s)
}

// callError returns err, the error of a call, in words. For an error of the connection
// it takes those of the connection: those of grpc-go contain ports.
func (p *grpcProber) callError(conn *grpcConn, err error) error {
	s := status.Convert(err)
	switch s.Code() {
	case codes.DeadlineExceeded:
		return context.DeadlineExceeded
	case codes.Unimplemented:
		return errors.New("grpc.health.v1 is not implemented")
	case codes.NotFound:
		return errors.New("the service is not known")
	case codes.Unavailable:
		if err := conn.failure(); err != nil {
			return err
		}
	}
	return fmt.Errorf("%s: %s", s.Code(), excerpt(s.Message()))
}
