package healthcheck

import (
	"context"
	"fmt"
	"time"
)

// WithTimeout returns a context for one probe, which ends after timeout at the
// latest. What was not done by then has had no answer: that is the context's cause.
func WithTimeout(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, timeout, &timeoutError{timeout})
}

// A timeoutError is the cause of a probe's context that ran out.
type timeoutError struct{ after time.Duration }

func (e *timeoutError) Error() string { return fmt.Sprintf("no answer within %s", e.after) }

// Timeout makes e what the net package calls a timeout.
func (e *timeoutError) Timeout() bool { return true }
