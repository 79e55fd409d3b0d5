package syntax

import (
	"slices"
	"strings"
	"testing"

	"github.com/coredns/caddy"
)

// A box keeps the lines that were read.
type box struct {
	lines []string
	inner inner
}

type inner struct{ lines []string }

func (b *box) keep(l Line) error { b.lines = append(b.lines, strings.Join(l.Words, " ")); return nil }

func (i *inner) keep(l Line) error {
	i.lines = append(i.lines, strings.Join(l.Words, " "))
	return nil
}

var boxProperties = Join(
	Part(Properties[*inner]{"in": {Usage: "in N", Min: 1, Max: 1, Read: (*inner).keep}}, func(b *box) *inner { return &b.inner }),
	Properties[*box]{
		"many":   {Usage: "many WORD...", Min: 1, Max: Many, Repeatable: true, Read: (*box).keep},
		"open":   {Usage: "open {...}", Braces: true, Read: (*box).keep},
		"secret": {Usage: "secret TOKEN", Min: 1, Max: 1, Secret: true, Read: (*box).keep},
		"text":   {Usage: "text TEXT", Min: 1, Max: 1, Text: true, Read: (*box).keep},
	})

// read parses text into a box.
func read(text string) (*box, error) {
	lines, err := ReadLines(caddy.NewTestController("dns", "box {\n"+text+"\n}"), func() string { return "/root" })
	if err != nil {
		return nil, err
	}
	b := new(box)
	return b, boxProperties.Read("box", lines[0].Body, b)
}

// Each line is read into the part that has its property, in the order of the Corefile.
func TestProperties(t *testing.T) {
	b, err := read("many a b\nin 1\nopen {\nx\n}\ntext \"c d\"\nmany e")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"many a b", "open", "text c d", "many e"}; !slices.Equal(b.lines, want) {
		t.Errorf("got %q, want %q", b.lines, want)
	}
	if want := []string{"in 1"}; !slices.Equal(b.inner.lines, want) {
		t.Errorf("the part got %q, want %q", b.inner.lines, want)
	}
}

func TestRefusesLines(t *testing.T) {
	tests := []struct{ text, want string }{
		{"other", `:2 - Error during parsing: unknown property "other" of box: expected one of in, many, open, secret, text`},
		{"many a\nin 1\nin 2", ":4 - Error during parsing: in is given twice"},
		{"in", ":2 - Error during parsing: in: missing argument, expected in N"},
		{"in 1 2", ":2 - Error during parsing: in: surplus argument 2, expected in N"},
		{"secret hidden hidden", ":2 - Error during parsing: secret: surplus argument, expected secret TOKEN"},
		{"many a {\n}", ":2 - Error during parsing: many: unexpected '{', expected many WORD..."},
		{`many "a b"`, `:2 - Error during parsing: many: "a b" has a space or newline in it, expected one word`},
		{`secret "hidden hidden"`, ":2 - Error during parsing: secret: an argument has a space or newline in it, expected one word"},
		{`text ""`, ":2 - Error during parsing: text: an argument is empty: is a variable not set?"},
		{"open {\nopen {\n}", ":1 - Error during parsing: " + ErrBraces + ": the '{' of box is not closed"},
		{"many a{", ":2 - Error during parsing: " + ErrBraces},
	}
	for _, test := range tests {
		if _, err := read(test.text); err == nil || !strings.HasSuffix(err.Error(), test.want) {
			t.Errorf("%s\ngot  %v\nwant %s", test.text, err, test.want)
		}
	}
}

func TestLocated(t *testing.T) {
	for path, want := range map[string]string{"a/b": "/root/a/b", "/a": "/a"} {
		if got := (Line{&line{from: &source{root: func() string { return "/root" }}}}).ResolvePath(path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}
