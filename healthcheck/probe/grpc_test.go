package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/internal/dial"
	"github.com/coredns-failover/failover/test/kit"
)

// A healthFunc is a health service that answers with the result of check.
type healthFunc struct {
	healthpb.UnimplementedHealthServer
	check func(context.Context, *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error)
}

func (f healthFunc) Check(ctx context.Context, r *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
	return f.check(ctx, r)
}

// always returns a health service with one answer.
func always(s healthpb.HealthCheckResponse_ServingStatus, err error) healthFunc {
	return healthFunc{check: func(context.Context, *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
		return &healthpb.HealthCheckResponse{Status: s}, err
	}}
}

// serveGRPC serves h, or no service if h is nil. It works in a synctest bubble.
func serveGRPC(t *testing.T, h healthpb.HealthServer) dial.Func {
	t.Helper()
	l := bufconn.Listen(1 << 16)
	server := grpc.NewServer()
	if h != nil {
		healthpb.RegisterHealthServer(server, h)
	}
	go server.Serve(l)
	t.Cleanup(server.Stop)
	return func(ctx context.Context, _, _ string) (net.Conn, error) { return l.DialContext(ctx) }
}

var grpcCheck = GRPC{Target: Target{Port: 50051}, Authority: "app.example.org"}

func TestGRPC(t *testing.T) {
	real := health.NewServer()
	real.SetServingStatus("up", healthpb.HealthCheckResponse_SERVING)
	real.SetServingStatus("down", healthpb.HealthCheckResponse_NOT_SERVING)
	const waiting = "waiting for the answer: "
	tests := []struct {
		name    string
		server  healthpb.HealthServer
		service string
		want    string
	}{
		{"the server", real, "", ""},
		{"a service", real, "up", ""},
		{"a service that is down", real, "down", "status NOT_SERVING, expected SERVING"},
		{"a service that is not", real, "other", waiting + "the service is not known"},
		{"unknown", always(healthpb.HealthCheckResponse_UNKNOWN, nil), "", "status UNKNOWN, expected SERVING"},
		{"service unknown", always(healthpb.HealthCheckResponse_SERVICE_UNKNOWN, nil), "", "status SERVICE_UNKNOWN, expected SERVING"},
		{"a status to come", always(7, nil), "", "status 7, expected SERVING"},
		{"unimplemented", nil, "", waiting + "grpc.health.v1 is not implemented"},
		{"unimplemented method", healthpb.UnimplementedHealthServer{}, "", waiting + "grpc.health.v1 is not implemented"},
		{"unavailable", always(0, status.Error(codes.Unavailable, "no healthy\nupstream")), "", waiting + "Unavailable: no healthy"},
		{"denied", always(0, status.Error(codes.PermissionDenied, strings.Repeat("x", 1000))), "",
			waiting + "PermissionDenied: " + strings.Repeat("x", maxExcerpt) + "..."},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				check := grpcCheck
				check.Service = tc.service
				start := time.Now()
				err := ask(t, check.prober(serveGRPC(t, tc.server)), "192.0.2.1")
				kit.WantError(t, err, tc.want)
				if errors.Is(err, healthcheck.ErrInconclusive) || time.Since(start) != 0 {
					t.Errorf("after %v: %v", time.Since(start), err)
				}
			})
		})
	}
}

// The call has the configured authority and our user agent. It ignores a proxy in the
// environment.
func TestGRPCCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := make(chan metadata.MD, 1)
		dial := serveGRPC(t, healthFunc{check: func(ctx context.Context, _ *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
			md, _ := metadata.FromIncomingContext(ctx)
			seen <- md
			return &healthpb.HealthCheckResponse{Status: healthpb.HealthCheckResponse_SERVING}, nil
		}})
		t.Setenv("HTTPS_PROXY", "http://192.0.2.99:1")
		for authority, want := range map[string]string{
			"app.example.org": "app.example.org", "": "[2001:db8::1]", "2001:db8::2": "[2001:db8::2]",
		} {
			check := grpcCheck
			check.Authority = authority
			kit.WantError(t, ask(t, check.prober(dial), "2001:db8::1"), "")
			md := <-seen
			if got := md.Get(":authority"); len(got) != 1 || got[0] != want {
				t.Errorf("authority is %v, want %s", got, want)
			}
			if got := md.Get("user-agent"); len(got) != 1 || !strings.HasPrefix(got[0], userAgent) {
				t.Errorf("user agent is %v", got)
			}
		}
	})
}

// With a peer that misbehaves, the probe ends at its timeout at the latest. If it left a
// goroutine, the bubble would not end.
func TestGRPCThatMisbehaves(t *testing.T) {
	const late = "waiting for the answer: no answer within 5s"
	const settings = "\x00\x00\x00\x04\x00\x00\x00\x00\x00"
	tests := []struct {
		name   string
		tls    bool
		handle func(net.Conn)
		want   string
		took   time.Duration
	}{
		{"silent", false, func(conn net.Conn) { io.Copy(io.Discard, conn) }, late, 5 * time.Second},
		{"deaf", false, func(net.Conn) { time.Sleep(time.Minute) }, late, 5 * time.Second},
		{"stalls", false, func(conn net.Conn) {
			go io.WriteString(conn, settings)
			io.Copy(io.Discard, conn)
		}, late, 5 * time.Second},
		{"stops reading", false, func(conn net.Conn) {
			conn.Read(make([]byte, 24))
			io.WriteString(conn, settings)
			time.Sleep(time.Minute)
		}, late, 5 * time.Second},
		{"settles for ever", false, func(conn net.Conn) {
			go io.Copy(io.Discard, conn)
			for err := error(nil); err == nil; time.Sleep(time.Millisecond) {
				_, err = io.WriteString(conn, settings)
			}
		}, late, 5 * time.Second},
		{"hangs up", false, func(conn net.Conn) { conn.Read(make([]byte, 512)) }, "waiting for the answer: connection closed", 0},
		{"speaks HTTP/1.1", false, func(conn net.Conn) {
			go io.Copy(io.Discard, conn)
			io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
		}, `answer is not HTTP/2: "HTTP/1.1 400 Bad Request"`, 0},
		{"silent in the handshake", true, func(conn net.Conn) { io.Copy(io.Discard, conn) }, "TLS handshake: no answer within 5s", 5 * time.Second},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				check := grpcCheck
				check.TLS, check.TLSOptions.Insecure = tc.tls, true
				start := time.Now()
				err := ask(t, check.prober(pipes(tc.handle)), "192.0.2.1")
				kit.WantError(t, err, tc.want)
				if took := time.Since(start); took != tc.took || errors.Is(err, healthcheck.ErrInconclusive) {
					t.Errorf("after %v: %v", took, err)
				}
				time.Sleep(time.Hour) // until every goroutine has woken
			})
		})
	}
}

func TestGRPCAnswerTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dial := serveGRPC(t, healthFunc{check: func(ctx context.Context, _ *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
			grpc.SetHeader(ctx, metadata.Pairs("x-long", strings.Repeat("x", 20<<10)))
			return &healthpb.HealthCheckResponse{Status: healthpb.HealthCheckResponse_SERVING}, nil
		}})
		kit.WantError(t, ask(t, grpcCheck.prober(dial), "192.0.2.1"), "waiting for the answer: ")
		long := &healthpb.HealthCheckResponse{Status: healthpb.HealthCheckResponse_SERVING}
		long.ProtoReflect().SetUnknown(append([]byte{0x1a, 0x80, 0x40}, make([]byte, 8192)...))
		dial = serveGRPC(t, healthFunc{check: func(context.Context, *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
			return long, nil
		}})
		kit.WantError(t, ask(t, grpcCheck.prober(dial), "192.0.2.1"), "waiting for the answer: ResourceExhausted: ")
	})
}

func TestGRPCReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		p := grpcCheck.prober(pipes(func(conn net.Conn) { io.Copy(io.Discard, conn) }))
		err := p.Probe(ctx, netip.MustParseAddr("192.0.2.1"))
		if kit.WantError(t, err, "waiting for the answer: context canceled"); !errors.Is(err, healthcheck.ErrInconclusive) {
			t.Errorf("%v is not inconclusive", err)
		}
	})
}

// A real server on a real socket, with TLS and without.
func TestGRPCOverTLS(t *testing.T) {
	ca := newAuthority(t)
	file := filepath.Join(t.TempDir(), "ca")
	kit.Write(t, file, ca.pem)
	secure := serving(ca.issue("app.example.org", hour))
	tlsPort := startGRPC(t, grpc.Creds(credentials.NewTLS(secure)))
	plainPort := startGRPC(t)
	tests := []struct {
		name    string
		tls     bool
		port    uint16
		options TLSOptions
		want    string
	}{
		{"plain", false, plainPort, TLSOptions{}, ""},
		{"good", true, tlsPort, TLSOptions{CA: file, ServerName: "app.example.org"}, ""},
		{"wrong name", true, tlsPort, TLSOptions{CA: file, ServerName: "x.test"}, "TLS handshake: x509: certificate is valid for app.example.org"},
		{"the system's authorities", true, tlsPort, TLSOptions{ServerName: "app.example.org"}, "TLS handshake: x509: certificate signed by unknown authority"},
		{"unverified", true, tlsPort, TLSOptions{Insecure: true}, ""},
		{"TLS at a plain server", true, plainPort, TLSOptions{Insecure: true}, "TLS handshake: "},
		{"plain at a TLS server", false, tlsPort, TLSOptions{}, "waiting for the answer: "},
		{"an HTTPS server", true, serveTLS(t, &tls.Config{Certificates: secure.Certificates, NextProtos: []string{"http/1.1"}}, nil),
			TLSOptions{Insecure: true}, "TLS handshake: remote error: tls: no application protocol"},
	}
	before := runtime.NumGoroutine()
	for _, tc := range tests {
		check := GRPC{TLS: tc.tls, Target: Target{Port: tc.port}, Authority: "app.example.org", TLSOptions: tc.options}
		for range 5 {
			err := ask(t, check.Prober(), "127.0.0.1")
			if kit.WantError(t, err, tc.want); t.Failed() {
				t.Fatal(tc.name)
			}
		}
	}
	for deadline := time.Now().Add(time.Minute); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
	closed := kit.Listen(t, nil)
	closed.Close()
	check := GRPC{Target: Target{Port: kit.PortOfListener(closed)}}
	kit.WantError(t, ask(t, check.Prober(), "127.0.0.1"), "connect: connection refused")
}

// startGRPC serves grpc-go's health service on loopback.
func startGRPC(t *testing.T, options ...grpc.ServerOption) uint16 {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(options...)
	healthpb.RegisterHealthServer(server, health.NewServer())
	go server.Serve(l)
	t.Cleanup(server.Stop)
	return kit.PortOfListener(l)
}
