package reload

import (
	"context"
	"fmt"
	"strings"
	"unicode"
)

// A Secret is a value that appears in no error, log line or String.
type Secret struct {
	literal string
	file    *Value[string] // nil for a literal
}

// NewSecret takes a value of the configuration: literal, or "file:PATH".
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

// InFile reports whether the value stands in a file.
func (s Secret) InFile() bool { return s.file != nil }

// Reveal returns the value as it is now.
func (s Secret) Reveal(ctx context.Context) (string, error) {
	if s.file == nil {
		return s.literal, nil
	}
	return s.file.Get(ctx)
}

// readSecret reads a file but for its trailing newline. One that is empty is about
// to be written: the value before it stays. What would end a header is refused
// here: net/http may quote what it refuses.
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
