package probe

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/test/kit"
)

// Events on grpc-go's health server that end a watch, and others that do not.
func TestGRPCWatch(t *testing.T) {
	tests := []struct {
		name string
		ends func(server *grpc.Server, h *health.Server)
	}{
		{"the service is not well", func(_ *grpc.Server, h *health.Server) {
			h.SetServingStatus("", healthpb.HealthCheckResponse_NOT_SERVING)
		}},
		{"the server stops", func(s *grpc.Server, _ *health.Server) { s.Stop() }},
		{"the server says goodbye", func(s *grpc.Server, _ *health.Server) { go s.GracefulStop() }},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			server, h := grpc.NewServer(), health.NewServer()
			healthpb.RegisterHealthServer(server, h)
			go server.Serve(l)
			defer server.Stop()
			p := GRPC{Target: Target{Port: kit.PortOfListener(l)}}.Prober().(healthcheck.Watcher)
			w, err := p.Watch(t.Context(), netip.MustParseAddr("127.0.0.1"))
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			ended := make(chan struct{})
			go func() { w.Wait(); close(ended) }()
			h.SetServingStatus("another", healthpb.HealthCheckResponse_NOT_SERVING)
			select {
			case <-ended:
				t.Fatal("ends though all is well")
			case <-time.After(50 * time.Millisecond):
			}
			tc.ends(server, h)
			select {
			case <-ended:
			case <-time.After(20 * time.Second):
				t.Error("does not end")
			}
		})
	}
}

// If a server does not implement Watch, the end of the connection ends the watch.
func TestGRPCWatchUnimplemented(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	healthpb.RegisterHealthServer(server, always(healthpb.HealthCheckResponse_SERVING, nil))
	go server.Serve(l)
	defer server.Stop()
	w, err := GRPC{Target: Target{Port: kit.PortOfListener(l)}}.Prober().(healthcheck.Watcher).Watch(t.Context(), netip.MustParseAddr("127.0.0.1"))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { w.Wait(); close(ended) }()
	select {
	case <-ended:
		t.Error("ends though the connection does not")
	case <-time.After(50 * time.Millisecond):
	}
	w.Close()
	<-ended
}
