package syntax

import (
	"maps"
	"slices"
	"strings"
	"unicode"
)

// A property is a line that may stand in braces, and the function that reads
// it into a T.
type property[T any] struct {
	Usage      string // how it is written, for errors
	Min, Max   int    // arguments; a max of many is no limit
	Repeatable bool
	Braces     bool // it may have a body
	Text       bool // its arguments are text, not words
	Secret     bool // no error shows its arguments
	Read       func(T, Line) error
}

const Many = 1 << 30

// properties are what may stand in one kind of braces.
type Properties[T any] map[string]property[T]

// join returns the properties of all tables.
func Join[T any](tables ...Properties[T]) Properties[T] {
	all := make(Properties[T])
	for _, t := range tables {
		maps.Copy(all, t)
	}
	return all
}

// part returns the table of what has a part with this table.
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

// read reads the body of what is called of in errors.
func (ps Properties[T]) Read(of string, body []Line, into T) error {
	seen := make(map[string]bool)
	for _, l := range body {
		word := l.Words[0]
		p, ok := ps[word]
		switch {
		case !ok:
			return ps.unknown(of, l)
		case seen[word] && !p.Repeatable:
			return l.Errf("%s is given twice", word)
		}
		seen[word] = true
		if err := p.accepts(l); err != nil {
			return err
		}
		if err := p.Read(into, l); err != nil {
			return err
		}
	}
	return nil
}

func (ps Properties[T]) unknown(of string, l Line) error {
	word := l.Words[0]
	switch {
	case word == "":
		return l.Errf("a property of %s is empty: is a variable not set?", of)
	case strings.ContainsFunc(word, unicode.IsSpace): // and perhaps a secret
		return l.Errf("a property of %s has a space or newline in it: a variable is one argument", of)
	case HasBrace(word):
		return l.Errf(ErrBraces)
	case word == "import":
		// Caddy takes it for the rest of the line from which the snippet is imported.
		return l.Errf("import: expected it behind another line, as the first of a snippet imports nothing")
	case len(ps) == 0:
		return l.Errf("unknown property %q of %s: it has none", word, of)
	}
	return l.Errf("unknown property %q of %s: expected one of %s", word, of, Known(ps))
}

// known lists the keys of a table for an error.
func Known[V any, M ~map[string]V](table M) string {
	return strings.Join(slices.Sorted(maps.Keys(table)), ", ")
}

// accepts refuses a line of which the number or the kind of arguments is wrong.
func (p property[T]) accepts(l Line) error {
	if err := l.WellFormed(p.Text, p.Secret); err != nil {
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

// noMore refuses words behind the first n.
func (l Line) NoMore(n int, usage string) error {
	if len(l.Words) > n {
		return l.Errf("%s: surplus argument %s, expected %s", l.Words[0], Show(l.Words[n]), usage)
	}
	return nil
}

// wellFormed refuses arguments that are empty, and those that are not one word
// unless they are text: a variable is one argument, whatever is in it. The brace
// of a word that is no secret belongs to the block.
func (l Line) WellFormed(text, secret bool) error {
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
