package dial

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

// ErrClosed is the error for a connection that the peer closed.
var ErrClosed = errors.New("connection closed")

// Because returns the error of a probe that ended while it was doing something. Its cause is
// that of ctx, if ctx has ended, else err. It is inconclusive if ctx was cancelled.
func Because(ctx context.Context, doing string, err error) error {
	if Ended(ctx, err) {
		err = context.Cause(ctx)
	}
	err = fmt.Errorf("%s: %w", doing, err)
	if ctx.Err() == context.Canceled {
		return healthcheck.MarkInconclusive(err)
	}
	return err
}

// Ended reports whether ctx has ended. If err is a timeout and the deadline of ctx has passed,
// it waits for ctx: the timer of a connection may fire a moment before that of ctx.
func Ended(ctx context.Context, err error) bool {
	deadline, ok := ctx.Deadline()
	if ok && IsTimeout(err) && !time.Now().Before(deadline) {
		<-ctx.Done()
	}
	return ctx.Err() != nil
}

// IsTimeout reports whether err is a timeout.
func IsTimeout(err error) bool {
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded)
}

// Error returns the error of a probe that could not connect. It is inconclusive unless it is
// a failure of the target.
func Error(ctx context.Context, err error) error {
	words := Because(ctx, "connect", InShort(err))
	switch {
	case isLookup(err):
		return healthcheck.MarkInconclusive(InShort(err))
	case ctx.Err() != nil:
		return words
	case IsExhausted(err) || !isAnswer(err) && !hasRoute(err):
		return healthcheck.MarkInconclusive(words)
	}
	return words
}

// isLookup reports whether err is that of the lookup of a name.
func isLookup(err error) bool {
	var lookup *net.DNSError
	return errors.As(err, &lookup)
}

// IsExhausted reports whether this host has no descriptors, ports or memory left.
func IsExhausted(err error) bool {
	return IsOneOf(err, syscall.EMFILE, syscall.ENFILE, syscall.EADDRNOTAVAIL, syscall.ENOBUFS, syscall.ENOMEM)
}

// isAnswer reports whether err is an answer of the target or a timeout.
func isAnswer(err error) bool {
	return IsTimeout(err) || IsOneOf(err, syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.ETIMEDOUT)
}

// IsOneOf reports whether err wraps one of errnos.
func IsOneOf(err error, errnos ...syscall.Errno) bool {
	var errno syscall.Errno
	return errors.As(err, &errno) && slices.Contains(errnos, errno)
}

// PeerGone reports whether a write failed because the peer no longer reads.
func PeerGone(err error) bool { return IsOneOf(err, syscall.EPIPE, syscall.ECONNRESET) }

// hasRoute reports whether the kernel has a route to the address in err. A TCP connect fails
// in the same way without a route and after the ICMP error of a distant router. A connect of
// UDP or ICMP sends nothing, and so fails only without a route.
func hasRoute(err error) bool {
	var op *net.OpError
	if !errors.As(err, &op) {
		return true
	}
	switch to := op.Addr.(type) {
	case *net.TCPAddr:
		var from *net.UDPAddr
		if tcp, ok := op.Source.(*net.TCPAddr); ok && tcp != nil {
			from = &net.UDPAddr{IP: tcp.IP, Zone: tcp.Zone}
		}
		return canConnectUDP(from, &net.UDPAddr{IP: to.IP, Port: to.Port, Zone: to.Zone})
	case *net.UDPAddr, *net.IPAddr:
		return op.Op != "dial"
	}
	return true
}

func canConnectUDP(from, to *net.UDPAddr) bool {
	conn, err := net.DialUDP("udp", from, to)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// InShort returns err without the operation and addresses that the net package adds. Some of
// these, such as local ports, are different every time.
func InShort(err error) error {
	var lookup *net.DNSError
	var call *os.SyscallError
	var op *net.OpError
	switch {
	case errors.As(err, &lookup):
		return fmt.Errorf("lookup %s: %s", strings.TrimSuffix(lookup.Name, "."), lookupReason(lookup))
	case errors.As(err, &call):
		return call.Err
	case errors.As(err, &op) && op.Op == "remote error":
		return fmt.Errorf("%s: %w", op.Op, op.Err) // an alert of TLS
	case errors.As(err, &op):
		return op.Err
	}
	return err
}

func lookupReason(err *net.DNSError) string {
	switch {
	case err.IsNotFound:
		return "no such host"
	case err.IsTimeout:
		return "no answer from a name server"
	}
	return "no usable answer from a name server"
}

// ClosedOr returns ErrClosed for EOF, else InShort(err).
func ClosedOr(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrClosed
	}
	return InShort(err)
}
