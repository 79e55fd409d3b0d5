package probe

import (
	"context"
	"net/netip"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/coredns-failover/failover/healthcheck"
)

// Watch implements [healthcheck.Watcher].
func (p *grpcProber) Watch(ctx context.Context, addr netip.Addr) (healthcheck.Watched, error) {
	conn, err := p.open(ctx, addr)
	if err != nil {
		return nil, err
	}
	if err := p.ask(ctx, conn); err != nil {
		conn.close()
		return nil, err
	}
	w := &grpcWatch{conn: conn, request: p.request()}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	return w, nil
}

// A grpcWatch is a connection with a Watch stream of grpc.health.v1 on it.
type grpcWatch struct {
	conn    *grpcConn
	request *healthpb.HealthCheckRequest
	ctx     context.Context // of the stream; it outlives the probe
	cancel  context.CancelFunc
}

// Wait returns when the service is no longer SERVING, the connection is lost, or the
// server has sent a GOAWAY: after that it may keep the stream open for long. If the
// server does not implement Watch, only the connection counts.
func (w *grpcWatch) Wait() error {
	var left sync.WaitGroup
	defer left.Wait()
	defer w.cancel()
	left.Go(func() {
		// grpc-go may report Ready after the first answer has arrived.
		w.conn.client.WaitForStateChange(w.ctx, connectivity.Connecting)
		w.conn.client.WaitForStateChange(w.ctx, connectivity.Ready)
		w.cancel()
	})
	err := w.followStream()
	if status.Code(err) == codes.Unimplemented {
		<-w.ctx.Done()
	}
	return err
}

// followStream reads the stream until the service is not SERVING or the stream ends.
func (w *grpcWatch) followStream() error {
	stream, err := healthpb.NewHealthClient(w.conn.client).Watch(w.ctx, w.request)
	if err != nil {
		return err
	}
	for {
		reply, err := stream.Recv()
		if err != nil {
			return err
		}
		if err := verifyServing(reply.GetStatus()); err != nil {
			return err
		}
	}
}

// Close makes Wait return.
func (w *grpcWatch) Close() error {
	w.cancel()
	w.conn.close()
	return nil
}
