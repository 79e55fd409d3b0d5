package reload

import (
	"context"
	"fmt"
	"strings"
	"unicode"
)

// A Secret is a value that no error, log line or String contains.
type Secret struct {
	literal string
	file    *Value[string] // nil for a literal
}

// NewSecret returns the Secret for a value of the configuration: literal or "file:PATH".
func NewSecret(s string) Secret {
	return NewSecretFrom(s, readSecret)
}

// NewSecretFrom is like [NewSecret], but load reads the file.
func NewSecretFrom(s string, load func(paths []string) (string, error)) Secret {
	path, ok := strings.CutPrefix(s, "file:")
	if !ok {
		return Secret{literal: s}
	}
	return Secret{file: New(load, path)}
}

// InFile reports whether the value is read from a file.
func (s Secret) InFile() bool { return s.file != nil }

// Reveal returns the current value.
func (s Secret) Reveal(ctx context.Context) (string, error) {
	if s.file == nil {
		return s.literal, nil
	}
	return s.file.Get(ctx)
}

// readSecret returns the text of a file without its trailing newline. An empty file is an
// error, so that the value before stays: it is about to be written. So are control
// characters, because net/http may quote a header that it refuses.
func readSecret(paths []string) (string, error) {
	text, err := ReadText(paths[0])
	if err != nil {
		return "", err
	}
	value := strings.TrimRight(string(text), "\r\n")
	if value == "" {
		return "", fmt.Errorf("%s is empty", paths[0])
	}
	if strings.ContainsFunc(value, func(r rune) bool { return unicode.IsControl(r) && r != '\t' }) {
		return "", fmt.Errorf("%s holds a newline or another control character", paths[0])
	}
	return value, nil
}
