package probe

import (
	"errors"
	"io"
	"net"
	"strings"

	"github.com/coredns-failover/failover/healthcheck/internal/dial"
)

var (
	errHeader    = errors.New("more than 64 KiB of headers")
	errMalformed = errors.New("not an HTTP answer")
)

// answerError says why there is no answer, without a word of what was sent or
// received, which net/http quotes.
func answerError(err error) error {
	var op *net.OpError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.ErrClosedPipe),
		strings.Contains(err.Error(), "server closed"):
		return dial.ErrClosed
	case errors.As(err, &op):
		return dial.InShort(err)
	case strings.Contains(err.Error(), "headers exceeded"):
		return errHeader
	}
	return errMalformed
}
