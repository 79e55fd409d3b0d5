package syntax

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// idn maps names as browsers do (UTS 46), and leaves '_' and '*' alone.
var idn = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.Transitional(false), idna.StrictDomainName(false))

// IsASCII reports whether s has no letters but those of ASCII.
func IsASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// InASCII returns how the error that refuses the name s ends: with the form of s in
// ASCII (RFC 5891). It is "" if s is in ASCII or has no such form.
func InASCII(s string) string {
	if IsASCII(s) {
		return ""
	}
	ascii, err := idn.ToASCII(s)
	if err != nil {
		return ""
	}
	return "; a name with other letters is written " + ascii
}
