package healthcheck

import (
	"context"
	"fmt"
	"time"
)

// WithTimeout returns the context of one probe, which ends after timeout. Its cause is
// then "no answer within" that time.
func WithTimeout(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, timeout, &timeoutError{timeout})
}

// A timeoutError is the cause of a context of WithTimeout that timed out.
type timeoutError struct{ after time.Duration }

func (e *timeoutError) Error() string { return fmt.Sprintf("no answer within %s", e.after) }

// Timeout implements [net.Error] in part.
func (e *timeoutError) Timeout() bool { return true }
