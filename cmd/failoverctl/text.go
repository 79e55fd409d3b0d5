package main

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"github.com/coredns-failover/failover/plugin/event"
)

// visible returns s with control and bidirectional characters, and others that do not
// show, as escapes.
func visible(s string) string { return event.Printable(s) }

// visibleLines is visible for a text that may have several lines.
func visibleLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = visible(lines[i])
	}
	return strings.Join(lines, "\n")
}

func hidden(r rune) bool { return !unicode.IsPrint(r) }

// visibleJSON does the same for JSON, in which such characters are in strings alone.
func visibleJSON(text []byte) []byte {
	var b strings.Builder
	for _, r := range string(text) {
		switch {
		case r == '\n' || !hidden(r):
			b.WriteRune(r)
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return []byte(b.String())
}

// cellsOf returns how many cells of a terminal a text takes.
func cellsOf(s string) (n int) {
	for _, r := range s {
		n += cells(r)
	}
	return n
}

func cells(r rune) int {
	if r < 0x300 {
		return 1
	}
	if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// wrap returns a text in lines of at most so many cells, the first of which may have
// another length. It breaks at spaces and after the dots of names, else anywhere.
func wrap(s string, first, others int) (lines []string) {
	for most := max(first, 8); cellsOf(s) > most; most = max(others, 8) {
		at := breakAt(s, most)
		lines = append(lines, strings.TrimRight(s[:at], " "))
		s = strings.TrimLeft(s[at:], " ")
	}
	return append(lines, s)
}

// filled returns paragraphs, which empty lines part, in lines of the usual width.
func filled(text string) string {
	paragraphs := strings.Split(text, "\n\n")
	for i, p := range paragraphs {
		paragraphs[i] = strings.Join(wrap(strings.Join(strings.Fields(p), " "), usualWidth, usualWidth), "\n")
	}
	return strings.Join(paragraphs, "\n\n")
}

// breakAt returns where a text is broken that has more cells than most.
func breakAt(s string, most int) int {
	full, space, dot, n := len(s), 0, 0, 0
	for i, r := range s {
		if r == ' ' {
			space = i
		}
		if n += cells(r); n > most {
			full = i
			break
		}
		if strings.ContainsRune("./,", r) {
			dot = i + 1
		}
	}
	switch {
	case space > full/2 || space > 0 && dot == 0:
		return space
	case dot > full/2 || dot > 0 && space == 0:
		return dot
	case full > 0:
		return full
	}
	return utf8.RuneLen([]rune(s)[0])
}

// cut returns a text with at most so many cells: of a longer one the middle is left out.
func cut(s string, most int) string {
	if cellsOf(s) <= most {
		return s
	}
	runes := []rune(s)
	head, tail := 0, len(runes)
	for n := 1; n < most; { // one is the ellipsis
		next := head
		if head > len(runes)-tail {
			next = tail - 1
		}
		if n += cells(runes[next]); n > most {
			break
		}
		if next == head {
			head++
		} else {
			tail--
		}
	}
	return string(runes[:head]) + "…" + string(runes[tail:])
}
