package healthcheck

import (
	"errors"
	"io/fs"
	"testing"
)

func TestMarkInconclusive(t *testing.T) {
	err := MarkInconclusive(fs.ErrNotExist)
	if !errors.Is(err, ErrInconclusive) || !errors.Is(err, fs.ErrNotExist) || err.Error() != fs.ErrNotExist.Error() {
		t.Errorf("%v is not a marked %v", err, fs.ErrNotExist)
	}
	if plain := errors.New("plain"); errors.Is(plain, ErrInconclusive) {
		t.Error("an error that is not marked is taken for one")
	}
}

// dialOf makes the error of a dial to ip as the net package does.
