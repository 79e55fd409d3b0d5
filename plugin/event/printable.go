package event

import (
	"strconv"
	"strings"
	"unicode"
)

// Printable returns s with escapes, as in Go, in place of characters that do not print:
// those that control a terminal, end a line, or change the direction of the text around
// them.
func Printable(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == unicode.ReplacementChar && !strings.HasPrefix(s[i:], "\uFFFD"):
			b.WriteString(`\x` + strconv.FormatUint(uint64(s[i])|0x100, 16)[1:])
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return b.String()
}

// printable makes all texts of e, which targets and clients may have written, printable.
func (e *Event) printable() {
	for _, s := range []*string{&e.Record, &e.Pool, &e.Endpoint, &e.Check, &e.Name, &e.From, &e.To, &e.Reason, &e.Actor} {
		*s = Printable(*s)
	}
}
