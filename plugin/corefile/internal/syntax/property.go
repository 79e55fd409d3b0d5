package syntax

import (
	"maps"
	"slices"
	"strings"
	"unicode"
)

// A property is a line that may be in braces, and the function that reads it into a T.
// Read is called only with a line that the other fields allow.
type property[T any] struct {
	Usage      string // how it is written, for errors
	Min, Max   int    // number of arguments; see Many
	Repeatable bool
	Braces     bool // braces may follow, with a body
	Text       bool // an argument may have spaces and braces in it
	Secret     bool // no error shows its arguments
	Read       func(T, Line) error
}

// Many is the Max of a property with any number of arguments.
const Many = 1 << 30

// Properties are the lines that may be in one kind of braces, by their first word.
type Properties[T any] map[string]property[T]

// Join returns the properties of all tables. A later table wins.
func Join[T any](tables ...Properties[T]) Properties[T] {
	all := make(Properties[T])
	for _, t := range tables {
		maps.Copy(all, t)
	}
	return all
}

// Part returns the table for a T that has a part P. table is the one for P, and of
// returns the part.
func Part[T, P any](table Properties[P], of func(T) P) Properties[T] {
	whole := make(Properties[T], len(table))
	for word, p := range table {
		read := p.Read
		whole[word] = property[T]{
			p.Usage, p.Min, p.Max, p.Repeatable, p.Braces, p.Text, p.Secret,
			func(t T, l Line) error { return read(of(t), l) },
		}
	}
	return whole
}

// Read reads the lines of body into a T. of names the owner of the body in errors.
func (ps Properties[T]) Read(of string, body []Line, into T) error {
	for i, l := range body {
		word := l.Words[0]
		p, ok := ps[word]
		switch {
		case !ok:
			return ps.unknown(of, l)
		case !p.Repeatable && hasLine(body[:i], word):
			return l.Errf("%s is given twice", word)
		}
		if err := p.verify(l); err != nil {
			return err
		}
		if err := p.Read(into, l); err != nil {
			return err
		}
	}
	return nil
}

// hasLine reports whether a line of body begins with word.
func hasLine(body []Line, word string) bool {
	for i := range body {
		if body[i].Words[0] == word {
			return true
		}
	}
	return false
}

func (ps Properties[T]) unknown(of string, l Line) error {
	word := l.Words[0]
	switch {
	case word == "":
		return l.Errf("a property of %s is empty: is a variable not set?", of)
	case strings.ContainsFunc(word, unicode.IsSpace): // it may contain a secret
		return l.Errf("a property of %s has a space or newline in it: a variable is one argument", of)
	case HasBrace(word):
		return l.Errf(ErrBraces)
	case word == "import":
		// Caddy joins the first line of a snippet to the line that imports it.
		return l.Errf("import: expected it after another line, as the first of a snippet imports nothing")
	case len(ps) == 0:
		return l.Errf("unknown property %q of %s: it has none", word, of)
	}
	return l.Errf("unknown property %q of %s: expected one of %s", word, of, Known(ps))
}

// Known returns the keys of table for an error: sorted, with commas.
func Known[V any, M ~map[string]V](table M) string {
	return strings.Join(slices.Sorted(maps.Keys(table)), ", ")
}

// verify refuses the line l if it has too few, too many or malformed arguments, or
// braces where none are allowed.
func (p property[T]) verify(l Line) error {
	if err := l.VerifyArgs(p.Text, p.Secret); err != nil {
		return err
	}
	args := l.Words[1:]
	switch {
	case len(args) < p.Min:
		return l.Errf("%s: missing argument, expected %s", l.Words[0], p.Usage)
	case len(args) > p.Max && p.Secret:
		return l.Errf("%s: surplus argument, expected %s", l.Words[0], p.Usage)
	case len(args) > p.Max:
		return l.Errf("%s: surplus argument %s, expected %s", l.Words[0], Show(args[p.Max]), p.Usage)
	case l.Open && !p.Braces:
		return l.Errf("%s: unexpected '{', expected %s", l.Words[0], p.Usage)
	}
	return nil
}

// RefuseSurplus refuses the line l if it has more than n words.
func (l Line) RefuseSurplus(n int, usage string) error {
	if len(l.Words) > n {
		return l.Errf("%s: surplus argument %s, expected %s", l.Words[0], Show(l.Words[n]), usage)
	}
	return nil
}

// VerifyArgs refuses empty arguments and, unless text is set, spaces in them: a variable
// is one argument, whatever its value. A brace in an argument that is neither text nor
// secret counts as a brace of the block.
func (l Line) VerifyArgs(text, secret bool) error {
	for _, arg := range l.Words[1:] {
		switch {
		case arg == "":
			return l.Errf("%s: an argument is empty: is a variable not set?", l.Words[0])
		case !text && !secret && HasBrace(arg):
			return l.Errf(ErrBraces)
		case text || !strings.ContainsFunc(arg, unicode.IsSpace):
		case secret:
			return l.Errf("%s: an argument has a space or newline in it, expected one word", l.Words[0])
		default:
			return l.Errf("%s: %q has a space or newline in it, expected one word", l.Words[0], arg)
		}
	}
	return nil
}
