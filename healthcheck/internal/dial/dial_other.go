//go:build !linux

package dial

import (
	"context"
	"net"
)

func connect(ctx context.Context, network, address string) (net.Conn, error) {
	return dialAny(ctx, network, address)
}
