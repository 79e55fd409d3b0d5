package syntax

import (
	"fmt"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/coredns/caddy"
	"github.com/coredns/caddy/caddyfile"
)

// A Line is one line of a Corefile, with the lines in the braces that it opens. It is a
// pointer, as each property keeps the lines that it may have to name in an error. The zero
// Line is none.
type Line struct{ *line }

type line struct {
	Words []string // at least one, without the brace
	No    int      // the number of the line in the file
	Open  bool     // it opens braces
	Body  []Line

	from *source
}

// A source is what all lines of one file share.
type source struct {
	file string
	root func() string // directory of relative file names, or ""
}

// ErrBraces is the error for a brace in the wrong place.
const ErrBraces = "'{' ends a line and '}' stands alone"

// ReadLines returns the tokens of c as a tree. root returns the directory of relative
// file names, or "". It does not use the blocks of the dispenser: these do not nest, and
// end a line at a newline inside a variable.
func ReadLines(c *caddy.Controller, root func() string) ([]Line, error) {
	n := nester{flat: flatLines(c, root)}
	for _, l := range n.flat {
		if !l.bracesOK() {
			return nil, l.Errf(ErrBraces)
		}
	}
	return n.body(Line{})
}

// flatLines returns the tokens of c grouped by line. The tokens of a snippet or an
// imported file have the line numbers of that file.
func flatLines(c *caddy.Controller, root func() string) []Line {
	tokens, n := count(c.Dispenser)
	words, lines, flat := make([]string, 0, tokens), make([]line, 0, n), make([]Line, 0, n)
	from := &source{root: root}
	begin := 0 // of the words of the last line
	for c.Next() {
		if from.file != c.File() {
			from = &source{c.File(), root}
		}
		last := len(lines) - 1
		if last < 0 || lines[last].from != from || lines[last].No != c.Line() {
			lines = append(lines, line{No: c.Line(), from: from})
			last++
			flat = append(flat, Line{&lines[last]})
			begin = len(words)
		}
		words = append(words, c.Val())
		lines[last].Words = words[begin:len(words):len(words)]
	}
	return flat
}

// count returns the number of tokens of d, and of lines at most. Slices that grew with them
// would leave several times their size as garbage.
func count(d caddyfile.Dispenser) (tokens, lines int) {
	file, line := "", 0
	for d.Next() {
		tokens++
		if tokens == 1 || d.File() != file || d.Line() != line {
			lines++
		}
		file, line = d.File(), d.Line()
	}
	return tokens, lines
}

// IsSet reports whether l is a line.
func (l Line) IsSet() bool { return l.line != nil }

// bracesOK reports whether '{' is only at the end of l and '}' stands alone.
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

// HasBrace reports whether the word s contains a brace that opens or closes a block, as
// in "http{" and "{}". A pair with text between, as in {endpoint}, is no block.
func HasBrace(s string) bool {
	return s == "{}" || strings.Count(s, "{") != strings.Count(s, "}")
}

// A nester turns flat lines into a tree.
type nester struct {
	flat []Line
	next int
}

// body returns the lines up to the brace that closes the block of the line open, or all
// lines if open is none.
func (n *nester) body(open Line) ([]Line, error) {
	var lines []Line
	for n.next < len(n.flat) {
		l := n.flat[n.next]
		n.next++
		last := len(l.Words) - 1
		switch l.Words[last] {
		case "}":
			if !open.IsSet() {
				return nil, l.Errf(ErrBraces)
			}
			return lines, nil
		case "{":
			l.Words, l.Open = l.Words[:last], true
			var err error
			if l.Body, err = n.body(l); err != nil {
				return nil, err
			}
		}
		lines = append(lines, l)
	}
	if open.IsSet() {
		return nil, open.Errf("%s: the '{' of %s is not closed", ErrBraces, Show(open.Words[0]))
	}
	return lines, nil
}

// ResolvePath returns path. A relative path is below the directory of the root plugin.
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

// Errf returns the error that Errf of caddy.Controller would return at the line l.
func (l Line) Errf(format string, args ...any) error {
	d := caddyfile.NewDispenserTokens(l.from.file, []caddyfile.Token{{File: l.from.file, Line: l.No}})
	d.Next()
	return d.Err(fmt.Sprintf(format, args...))
}

// Expected returns the error for a wrong value of the property at l. format says what is
// expected.
func (l Line) Expected(value, format string, args ...any) error {
	return l.Errf("%s %s: expected %s", l.Words[0], Show(value), fmt.Sprintf(format, args...))
}

// Show returns s for an error: in quotes if it is empty or has spaces or characters that
// do not print.
func Show(s string) string {
	if s == "" || strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r)
	}) {
		return fmt.Sprintf("%q", s)
	}
	return s
}
