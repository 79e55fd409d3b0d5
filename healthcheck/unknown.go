package healthcheck

import "errors"

// ErrCannotAsk marks an error that says nothing about the target: the prober
// could not ask.
var ErrCannotAsk = errors.New("cannot ask")

// CannotAsk returns an error that [ErrCannotAsk] marks, with err's text.
func CannotAsk(err error) error { return cannotAsk{err} }

type cannotAsk struct{ error }

func (e cannotAsk) Unwrap() error { return e.error }

func (e cannotAsk) Is(target error) bool { return target == ErrCannotAsk }
