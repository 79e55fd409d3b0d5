package syntax

import (
	"fmt"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/coredns/caddy"
	"github.com/coredns/caddy/caddyfile"
)

// A Line is one line of a Corefile, with the lines in the braces that it opens.
type Line struct {
	Words []string // at least one, without the brace
	No    int      // the number of the line in the file
	Open  bool     // it opens braces
	Body  []Line

	from *source
}

// A source is what the lines of a file have in common.
type source struct {
	file string
	root func() string // directory of relative file names, or ""
}

// ErrBraces is the error for a brace in the wrong place.
const ErrBraces = "'{' ends a line and '}' stands alone"

// ReadLines returns the tokens of c as a tree. root returns the directory of
// relative file names, or "". The blocks of the dispenser itself are not used: they
// have one depth, and a newline inside a variable ends a line there.
func ReadLines(c *caddy.Controller, root func() string) ([]Line, error) {
	n := nester{flat: flatLines(c, root)}
	for _, l := range n.flat {
		if !l.bracesOK() {
			return nil, l.Errf(ErrBraces)
		}
	}
	return n.body(nil)
}

// flatLines groups tokens by line. The tokens of a snippet or an imported file have
// the line numbers of that file.
func flatLines(c *caddy.Controller, root func() string) []Line {
	var lines []Line
	from := &source{root: root}
	for c.Next() {
		if from.file != c.File() {
			from = &source{c.File(), root}
		}
		last := len(lines) - 1
		if last < 0 || lines[last].from != from || lines[last].No != c.Line() {
			lines = append(lines, Line{No: c.Line(), from: from})
			last++
		}
		lines[last].Words = append(lines[last].Words, c.Val())
	}
	return lines
}

func (l Line) bracesOK() bool {
	for i, w := range l.Words {
		switch {
		case w == "{" && (i == 0 || i < len(l.Words)-1):
			return false
		case w == "}" && len(l.Words) > 1:
			return false
		}
	}
	return true
}

// HasBrace reports whether a brace that opens or closes a block is part of the word
// s, as in "http{" and "{}". A pair with text in it, as in {endpoint}, is no block.
func HasBrace(s string) bool {
	return s == "{}" || strings.Count(s, "{") != strings.Count(s, "}")
}

// A nester turns flat lines into a tree.
type nester struct {
	flat []Line
	next int
}

// body returns the lines up to the brace that closes the line open, or all if open is
// nil.
func (n *nester) body(open *Line) ([]Line, error) {
	var lines []Line
	for n.next < len(n.flat) {
		l := n.flat[n.next]
		n.next++
		last := len(l.Words) - 1
		switch l.Words[last] {
		case "}":
			if open == nil {
				return nil, l.Errf(ErrBraces)
			}
			return lines, nil
		case "{":
			l.Words, l.Open = l.Words[:last], true
			var err error
			if l.Body, err = n.body(&l); err != nil {
				return nil, err
			}
		}
		lines = append(lines, l)
	}
	if open != nil {
		return nil, open.Errf("%s: the '{' of %s is not closed", ErrBraces, Show(open.Words[0]))
	}
	return lines, nil
}

// ResolvePath returns the path of a file. A relative one is below the directory that the
// plugin root sets.
func (l Line) ResolvePath(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	if root := l.from.root(); root != "" {
		return filepath.Join(root, path)
	}
	return path
}

// Place returns "FILE:LINE".
func (l Line) Place() string { return fmt.Sprintf("%s:%d", l.from.file, l.No) }

// Errf returns the error that c.Errf returns at the line l.
func (l Line) Errf(format string, args ...any) error {
	d := caddyfile.NewDispenserTokens(l.from.file, []caddyfile.Token{{File: l.from.file, Line: l.No}})
	d.Next()
	return d.Err(fmt.Sprintf(format, args...))
}

// Expected returns the error that refuses the value of the property at l: the format
// says what is expected.
func (l Line) Expected(value, format string, args ...any) error {
	return l.Errf("%s %s: expected %s", l.Words[0], Show(value), fmt.Sprintf(format, args...))
}

// Show returns s for an error: in quotes if it is empty or has characters that cannot
// be seen.
func Show(s string) string {
	if s == "" || strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r)
	}) {
		return fmt.Sprintf("%q", s)
	}
	return s
}
