package healthcheck

import (
	"errors"
	"io/fs"
	"testing"
)

func TestCannotAsk(t *testing.T) {
	err := CannotAsk(fs.ErrNotExist)
	if !errors.Is(err, ErrCannotAsk) || !errors.Is(err, fs.ErrNotExist) || err.Error() != fs.ErrNotExist.Error() {
		t.Errorf("%v is not a marked %v", err, fs.ErrNotExist)
	}
	if plain := errors.New("plain"); errors.Is(plain, ErrCannotAsk) {
		t.Error("an error that is not marked is taken for one")
	}
}

// dialOf makes the error of a dial to ip as the net package does.
