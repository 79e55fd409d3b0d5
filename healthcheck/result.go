package healthcheck

import (
	"errors"
	"fmt"
)

// A Result is the outcome of one probe.
type Result uint8

// The results.
const (
	Pass Result = iota
	Fail
	Inconclusive // the probe says nothing about the target
)

// String returns the result's word in metrics.
func (r Result) String() string {
	switch r {
	case Pass:
		return "pass"
	case Fail:
		return "fail"
	default:
		return "unknown"
	}
}

func resultOf(err error) Result {
	switch {
	case err == nil:
		return Pass
	case errors.Is(err, ErrInconclusive):
		return Inconclusive
	default:
		return Fail
	}
}

var errInverted = errors.New("it passes, and the check is inverted")

func invert(err error) error {
	switch resultOf(err) {
	case Pass:
		return errInverted
	case Fail:
		return nil
	default:
		return err
	}
}

// ErrInconclusive is wrapped by the errors of probes that say nothing about the target.
var ErrInconclusive = errors.New("inconclusive")

// MarkInconclusive returns an error with the text of err that wraps err and
// [ErrInconclusive].
func MarkInconclusive(err error) error { return inconclusiveError{err} }

type inconclusiveError struct{ error }

func (e inconclusiveError) Unwrap() error        { return e.error }
func (e inconclusiveError) Is(target error) bool { return target == ErrInconclusive }

// A PanicError is the error of a probe that panicked.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("the probe panicked: %v", e.Value) }
