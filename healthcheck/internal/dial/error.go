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

// ErrClosed says that the peer ended a connection.
var ErrClosed = errors.New("connection closed")

// Because says why a probe ended while it was doing something: ctx ran out, or
// was cancelled, which is our own doing, or else err.
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

// Ended reports whether ctx is over. A connection has a timer of its own for
// ctx's deadline, so that err may be there a moment before ctx knows.
func Ended(ctx context.Context, err error) bool {
	deadline, ok := ctx.Deadline()
	if ok && IsTimeout(err) && !time.Now().Before(deadline) {
		<-ctx.Done()
	}
	return ctx.Err() != nil
}

// IsTimeout reports whether err says that time ran out.
func IsTimeout(err error) bool {
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded)
}

// Error says in words why no connection came about, and tells the target's
// fault from our own.
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

// isLookup reports whether err is about a name, and not about an address.
func isLookup(err error) bool {
	var lookup *net.DNSError
	return errors.As(err, &lookup)
}

// IsExhausted reports whether this host ran out of descriptors, ports or memory.
func IsExhausted(err error) bool {
	return IsOneOf(err, syscall.EMFILE, syscall.ENFILE, syscall.EADDRNOTAVAIL, syscall.ENOBUFS, syscall.ENOMEM)
}

// isAnswer reports whether err is what a target, or its silence, brings about.
func isAnswer(err error) bool {
	return IsTimeout(err) || IsOneOf(err, syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.ETIMEDOUT)
}

// IsOneOf reports whether err is of one of these numbers.
func IsOneOf(err error, errnos ...syscall.Errno) bool {
	var errno syscall.Errno
	return errors.As(err, &errno) && slices.Contains(errnos, errno)
}

// PeerGone reports whether a write failed because the peer no longer reads.
func PeerGone(err error) bool { return IsOneOf(err, syscall.EPIPE, syscall.ECONNRESET) }

// hasRoute reports whether the kernel has a route to the address that err is
// about. A TCP connect fails alike without a route and after a distant
// router's ICMP message; one of UDP or ICMP, which sends nothing, only in the
// first case.
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

// InShort takes away what the net package says of the operation and addresses,
// some of which differ every time.
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

// ClosedOr returns ErrClosed for the end of a connection, else err in short.
func ClosedOr(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrClosed
	}
	return InShort(err)
}
