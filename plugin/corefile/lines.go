package corefile

import (
	"fmt"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/coredns/caddy"
	"github.com/coredns/caddy/caddyfile"
)

// A line is one line of the Corefile, and the lines in the braces behind it.
type line struct {
	words []string // at least one, without the brace
	file  string
	no    int  // the number of the line in the file
	open  bool // braces stand behind it
	body  []line

	root func() string // directory of relative file names, or ""
}

const errBraces = "'{' ends a line and '}' stands alone"

// readLines makes a tree of the tokens that c has, in which relative file names
// are below root. It does without the
// dispenser's own notion of blocks, which knows one depth and takes a newline
// inside a variable for the end of the line.
func readLines(c *caddy.Controller, root func() string) ([]line, error) {
	n := nester{flat: flatLines(c, root)}
	for _, l := range n.flat {
		if !l.bracesAreWell() {
			return nil, l.errf(errBraces)
		}
	}
	return n.body(nil)
}

// flatLines groups tokens by line. Tokens of a snippet or an imported file
// have the numbers that they have there.
func flatLines(c *caddy.Controller, root func() string) []line {
	var lines []line
	for c.Next() {
		last := len(lines) - 1
		if last < 0 || lines[last].file != c.File() || lines[last].no != c.Line() {
			lines = append(lines, line{file: c.File(), no: c.Line(), root: root})
			last++
		}
		lines[last].words = append(lines[last].words, c.Val())
	}
	return lines
}

func (l line) bracesAreWell() bool {
	for i, w := range l.words {
		switch {
		case w == "{" && (i == 0 || i < len(l.words)-1):
			return false
		case w == "}" && len(l.words) > 1:
			return false
		}
	}
	return true
}

// hasBrace reports whether a brace is written onto the word s, as in "http{" and
// "{}". Who writes both of a pair, as in {endpoint}, means something else.
func hasBrace(s string) bool {
	return s == "{}" || strings.Count(s, "{") != strings.Count(s, "}")
}

// A nester turns flat lines into a tree.
type nester struct {
	flat []line
	next int
}

// body reads up to the brace that closes the line open, or to the end if that is nil.
func (n *nester) body(open *line) ([]line, error) {
	var lines []line
	for n.next < len(n.flat) {
		l := n.flat[n.next]
		n.next++
		last := len(l.words) - 1
		switch l.words[last] {
		case "}":
			if open == nil {
				return nil, l.errf(errBraces)
			}
			return lines, nil
		case "{":
			l.words, l.open = l.words[:last], true
			var err error
			if l.body, err = n.body(&l); err != nil {
				return nil, err
			}
		}
		lines = append(lines, l)
	}
	if open != nil {
		return nil, open.errf("%s: the '{' of %s is not closed", errBraces, show(open.words[0]))
	}
	return lines, nil
}

// located returns where a file is: a relative one where the root plugin says.
func (l line) located(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	if root := l.root(); root != "" {
		return filepath.Join(root, path)
	}
	return path
}

// place returns where l stands: "FILE:LINE".
func (l line) place() string { return fmt.Sprintf("%s:%d", l.file, l.no) }

// errf returns an error as c.Errf would at l.
func (l line) errf(format string, args ...any) error {
	d := caddyfile.NewDispenserTokens(l.file, []caddyfile.Token{{File: l.file, Line: l.no}})
	d.Next()
	return d.Err(fmt.Sprintf(format, args...))
}

// expected refuses the value of the property that l is.
func (l line) expected(value, format string, args ...any) error {
	return l.errf("%s %s: expected %s", l.words[0], show(value), fmt.Sprintf(format, args...))
}

// show returns s as it is written, in quotes if it needs them to be seen.
func show(s string) string {
	if s == "" || strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r)
	}) {
		return fmt.Sprintf("%q", s)
	}
	return s
}
