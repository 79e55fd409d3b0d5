package corefile

import (
	"maps"
	"strings"

	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

// An attribute is a word after the TARGET of an endpoint. It takes a value if read is
// not nil; "disabled" takes none.
type attribute struct {
	read func(*endpoint, syntax.Line, string) error
	next bool // allowed after the TARGET next
}

var attributes = map[string]attribute{
	"disabled": {},
	"name":     {read: (*endpoint).readName, next: true},
	"port":     {read: (*endpoint).readPort, next: true},
	"probe":    {read: (*endpoint).readProbe},
	"weight":   {read: (*endpoint).readWeight},
}

func (e *endpoint) readAttributes(l syntax.Line, words []string) error {
	allowed := e.attributes()
	seen := make(map[string]bool)
	for len(words) > 0 {
		word := words[0]
		a, ok := allowed[word]
		switch {
		case !ok:
			return l.Errf("unknown attribute %q of endpoint %s: expected one of %s", word, e, syntax.Known(allowed))
		case seen[word]:
			return l.Errf("endpoint %s: %s is given twice", e, word)
		case a.read != nil && len(words) == 1:
			return l.Errf("endpoint %s: missing argument after %s", e, word)
		}
		seen[word] = true
		words = words[1:]
		if a.read == nil {
			e.disabled = true
			continue
		}
		if err := a.read(e, l, words[0]); err != nil {
			return err
		}
		words = words[1:]
	}
	return nil
}

// attributes returns the attributes that e may have.
func (e *endpoint) attributes() map[string]attribute {
	if !e.next {
		return attributes
	}
	of := maps.Clone(attributes)
	maps.DeleteFunc(of, func(_ string, a attribute) bool { return !a.next })
	return of
}

func (e *endpoint) readName(l syntax.Line, s string) error {
	if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' }) {
		return l.Errf("endpoint name %s: expected a word of ASCII without quotes or backslash", syntax.Show(s))
	}
	e.Name = s
	return nil
}

func (e *endpoint) readPort(l syntax.Line, s string) error {
	n, err := l.Number("endpoint port", s, 1, 65535)
	e.Port = uint16(n)
	return err
}

func (e *endpoint) readProbe(l syntax.Line, s string) (err error) {
	e.Probe, err = l.Address("endpoint probe", s)
	return err
}

func (e *endpoint) readWeight(l syntax.Line, s string) (err error) {
	e.weight, err = l.Number("endpoint weight", s, 0, maxWeight)
	return err
}
