package probe

import (
	"strings"
	"unicode"
)

// maxExcerpt is how many bytes of foreign text go into an error.
const maxExcerpt = 120

// excerpt returns the first line of text for a log: shortened, and with '?' for
// characters that do not print.
func excerpt(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if len(line) > maxExcerpt {
		line = strings.ToValidUTF8(line[:maxExcerpt], "") + "..."
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, strings.TrimSpace(line))
}

// A limitedBuffer is a Writer that keeps the first maxOutput bytes and drops the rest.
type limitedBuffer struct{ bytes []byte }

const maxOutput = 1 << 10

func (b *limitedBuffer) Write(p []byte) (int, error) {
	room := maxOutput - len(b.bytes)
	b.bytes = append(b.bytes, p[:min(room, len(p))]...)
	return len(p), nil
}
