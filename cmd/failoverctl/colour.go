package main

import "strings"

// colours are those of the words for states.
var colours = map[string]string{
	"ok": "32", "up": "32",
	"failed_over": "33", "unknown": "33",
	"degraded": "31", "down": "31",
	"disabled": "2",
}

// paint returns a text in the colour of a state, on a terminal.
func (p *printer) paint(state, text string) string {
	c := colours[state]
	if c == "" || !p.colours {
		return text
	}
	return "\x1b[" + c + "m" + text + "\x1b[0m"
}

// painted returns a text with its first word painted, if that is a state.
func (p *printer) painted(text string) string {
	word, rest, found := strings.Cut(text, " ")
	if !p.colours || colours[word] == "" {
		return text
	}
	if found {
		rest = " " + rest
	}
	return p.paint(word, word) + rest
}
