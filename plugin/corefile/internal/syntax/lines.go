package syntax

import (
	"fmt"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/coredns/caddy"
	"github.com/coredns/caddy/caddyfile"
)

// A line is one line of the Corefile, and the lines in the braces behind it.
type Line struct {
	Words []string // at least one, without the brace
	file  string
	No    int  // the number of the line in the file
	Open  bool // braces stand behind it
	Body  []Line

	root func() string // directory of relative file names, or ""
}

const ErrBraces = "'{' ends a line and '}' stands alone"

// readLines makes a tree of the tokens that c has, in which relative file names
// are below root. It does without the
// dispenser's own notion of blocks, which knows one depth and takes a newline
// inside a variable for the end of the line.
func ReadLines(c *caddy.Controller, root func() string) ([]Line, error) {
	n := nester{flat: flatLines(c, root)}
	for _, l := range n.flat {
		if !l.bracesAreWell() {
			return nil, l.Errf(ErrBraces)
		}
	}
	return n.body(nil)
}

// flatLines groups tokens by line. Tokens of a snippet or an imported file
// have the numbers that they have there.
func flatLines(c *caddy.Controller, root func() string) []Line {
	var lines []Line
	for c.Next() {
		last := len(lines) - 1
		if last < 0 || lines[last].file != c.File() || lines[last].No != c.Line() {
			lines = append(lines, Line{file: c.File(), No: c.Line(), root: root})
			last++
		}
		lines[last].Words = append(lines[last].Words, c.Val())
	}
	return lines
}

func (l Line) bracesAreWell() bool {
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

// hasBrace reports whether a brace is written onto the word s, as in "http{" and
// "{}". Who writes both of a pair, as in {endpoint}, means something else.
func HasBrace(s string) bool {
	return s == "{}" || strings.Count(s, "{") != strings.Count(s, "}")
}

// A nester turns flat lines into a tree.
type nester struct {
	flat []Line
	next int
}

// body reads up to the brace that closes the line open, or to the end if that is nil.
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

// located returns where a file is: a relative one where the root plugin says.
func (l Line) Located(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	if root := l.root(); root != "" {
		return filepath.Join(root, path)
	}
	return path
}

// place returns where l stands: "FILE:LINE".
func (l Line) Place() string { return fmt.Sprintf("%s:%d", l.file, l.No) }

// errf returns an error as c.Errf would at l.
func (l Line) Errf(format string, args ...any) error {
	d := caddyfile.NewDispenserTokens(l.file, []caddyfile.Token{{File: l.file, Line: l.No}})
	d.Next()
	return d.Err(fmt.Sprintf(format, args...))
}

// expected refuses the value of the property that l is.
func (l Line) Expected(value, format string, args ...any) error {
	return l.Errf("%s %s: expected %s", l.Words[0], Show(value), fmt.Sprintf(format, args...))
}

// show returns s as it is written, in quotes if it needs them to be seen.
func Show(s string) string {
	if s == "" || strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r)
	}) {
		return fmt.Sprintf("%q", s)
	}
	return s
}
