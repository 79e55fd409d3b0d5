package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// usualWidth is that of what is not printed on a terminal.
const usualWidth = 80

// A printer writes for people: to a width, with control characters escaped, and in colours
// on a terminal.
type printer struct {
	w             io.Writer
	width, height int
	terminal      bool
	colours       bool
}

func newPrinter(w io.Writer) *printer {
	p := &printer{w: w, width: usualWidth}
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return p
	}
	p.terminal = os.Getenv("TERM") != "dumb"
	p.colours = p.terminal && os.Getenv("NO_COLOR") == ""
	p.resize()
	return p
}

// resize takes the size of the terminal, which may have changed.
func (p *printer) resize() {
	f, ok := p.w.(*os.File)
	if !ok || !p.terminal {
		return
	}
	if width, height, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
		p.width, p.height = max(width, 40), height
	}
}

// line prints a text. What does not fit goes on in lines that are indented by more.
func (p *printer) line(indent int, format string, v ...any) {
	p.hanging(indent, indent+2, fmt.Sprintf(format, v...))
}

// hanging prints a text from the column first on, and what does not fit from next on.
func (p *printer) hanging(first, next int, text string) {
	for i, part := range wrap(visible(text), p.width-first, p.width-next) {
		column := next
		if i == 0 {
			column, part = first, p.painted(part)
		}
		fmt.Fprintln(p.w, strings.Repeat(" ", column)+part)
	}
}

// raw prints an answer of the API as it is. On a terminal, characters that do not show
// are escaped, which changes nothing of what the JSON says.
func (p *printer) raw(answer []byte) {
	if p.terminal {
		answer = visibleJSON(answer)
	}
	p.w.Write(append(bytes.TrimRight(answer, "\n"), '\n'))
}

// answer prints what the API answers: as it is, or as table prints it.
func (a *app) answer(text []byte, err error, table func() error) error {
	if a.json() {
		if len(text) > 0 && json.Valid(text) {
			a.out.raw(text)
		}
		return err
	}
	if err != nil {
		return err
	}
	return table()
}
