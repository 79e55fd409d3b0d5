package corefile

import (
	"maps"
	"slices"
	"strings"
	"unicode"
)

// A property is a line that may stand in braces, and the function that reads
// it into a T.
type property[T any] struct {
	usage      string // how it is written, for errors
	min, max   int    // arguments; a max of many is no limit
	repeatable bool
	braces     bool // it may have a body
	text       bool // its arguments are text, not words
	secret     bool // no error shows its arguments
	read       func(T, line) error
}

const many = 1 << 30

// properties are what may stand in one kind of braces.
type properties[T any] map[string]property[T]

// join returns the properties of all tables.
func join[T any](tables ...properties[T]) properties[T] {
	all := make(properties[T])
	for _, t := range tables {
		maps.Copy(all, t)
	}
	return all
}

// part returns the table of what has a part with this table.
func part[T, P any](table properties[P], of func(T) P) properties[T] {
	whole := make(properties[T], len(table))
	for word, p := range table {
		read := p.read
		whole[word] = property[T]{
			p.usage, p.min, p.max, p.repeatable, p.braces, p.text, p.secret,
			func(t T, l line) error { return read(of(t), l) },
		}
	}
	return whole
}

// read reads the body of what is called of in errors.
func (ps properties[T]) read(of string, body []line, into T) error {
	seen := make(map[string]bool)
	for _, l := range body {
		word := l.words[0]
		p, ok := ps[word]
		switch {
		case !ok:
			return ps.unknown(of, l)
		case seen[word] && !p.repeatable:
			return l.errf("%s is given twice", word)
		}
		seen[word] = true
		if err := p.accepts(l); err != nil {
			return err
		}
		if err := p.read(into, l); err != nil {
			return err
		}
	}
	return nil
}

func (ps properties[T]) unknown(of string, l line) error {
	word := l.words[0]
	switch {
	case word == "":
		return l.errf("a property of %s is empty: is a variable not set?", of)
	case strings.ContainsFunc(word, unicode.IsSpace): // and perhaps a secret
		return l.errf("a property of %s has a space or newline in it: a variable is one argument", of)
	case hasBrace(word):
		return l.errf(errBraces)
	case word == "import":
		// Caddy takes it for the rest of the line from which the snippet is imported.
		return l.errf("import: expected it behind another line, as the first of a snippet imports nothing")
	case len(ps) == 0:
		return l.errf("unknown property %q of %s: it has none", word, of)
	}
	return l.errf("unknown property %q of %s: expected one of %s", word, of, known(ps))
}

// known lists the keys of a table for an error.
func known[V any, M ~map[string]V](table M) string {
	return strings.Join(slices.Sorted(maps.Keys(table)), ", ")
}

// accepts refuses a line of which the number or the kind of arguments is wrong.
func (p property[T]) accepts(l line) error {
	if err := l.wellFormed(p.text, p.secret); err != nil {
		return err
	}
	args := l.words[1:]
	switch {
	case len(args) < p.min:
		return l.errf("%s: missing argument, expected %s", l.words[0], p.usage)
	case len(args) > p.max && p.secret:
		return l.errf("%s: surplus argument, expected %s", l.words[0], p.usage)
	case len(args) > p.max:
		return l.errf("%s: surplus argument %s, expected %s", l.words[0], show(args[p.max]), p.usage)
	case l.open && !p.braces:
		return l.errf("%s: unexpected '{', expected %s", l.words[0], p.usage)
	}
	return nil
}

// noMore refuses words behind the first n.
func (l line) noMore(n int, usage string) error {
	if len(l.words) > n {
		return l.errf("%s: surplus argument %s, expected %s", l.words[0], show(l.words[n]), usage)
	}
	return nil
}

// wellFormed refuses arguments that are empty, and those that are not one word
// unless they are text: a variable is one argument, whatever is in it. The brace
// of a word that is no secret belongs to the block.
func (l line) wellFormed(text, secret bool) error {
	for _, arg := range l.words[1:] {
		switch {
		case arg == "":
			return l.errf("%s: an argument is empty: is a variable not set?", l.words[0])
		case !text && !secret && hasBrace(arg):
			return l.errf(errBraces)
		case text || !strings.ContainsFunc(arg, unicode.IsSpace):
		case secret:
			return l.errf("%s: an argument has a space or newline in it, expected one word", l.words[0])
		default:
			return l.errf("%s: %q has a space or newline in it, expected one word", l.words[0], arg)
		}
	}
	return nil
}
