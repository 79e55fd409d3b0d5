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
	err = &whileError{doing, err}
	if ctx.Err() == context.Canceled {
		return healthcheck.MarkInconclusive(err)
	}
	return err
}

// A whileError says what a probe was doing when it ended. Most failures are only counted, so
// the text is made when it is asked for.
type whileError struct {
	doing string
	err   error
}

func (e *whileError) Error() string { return e.doing + ": " + e.err.Error() }

func (e *whileError) Unwrap() error { return e.err }

// Ended reports whether ctx has ended. If err is a timeout and the deadline of ctx has passed,
// it waits for ctx: the timer of a connection may fire a moment before that of ctx.
func Ended(ctx context.Context, err error) bool {
	deadline, ok := ctx.Deadline()
	if ok && !time.Now().Before(deadline) && IsTimeout(err) {
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
	_, ok := errors.AsType[*net.DNSError](err)
	return ok
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
	errno, ok := errors.AsType[syscall.Errno](err)
	return ok && slices.Contains(errnos, errno)
}

// PeerGone reports whether a write failed because the peer no longer reads.
func PeerGone(err error) bool { return IsOneOf(err, syscall.EPIPE, syscall.ECONNRESET) }

// hasRoute reports whether the kernel has a route to the address in err. A TCP connect fails
// in the same way without a route and after the ICMP error of a distant router. A connect of
// UDP or ICMP sends nothing, and so fails only without a route.
func hasRoute(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	if !ok {
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
	if lookup, ok := errors.AsType[*net.DNSError](err); ok {
		return fmt.Errorf("lookup %s: %s", strings.TrimSuffix(lookup.Name, "."), lookupReason(lookup))
	}
	if call, ok := errors.AsType[*os.SyscallError](err); ok {
		return call.Err
	}
	op, ok := errors.AsType[*net.OpError](err)
	switch {
	case ok && op.Op == "remote error":
		return fmt.Errorf("%s: %w", op.Op, op.Err) // an alert of TLS
	case ok:
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
