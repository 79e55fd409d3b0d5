package syntax

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// idn maps names as browsers do (UTS 46), and leaves '_' and '*' alone.
var idn = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.Transitional(false), idna.StrictDomainName(false))

// IsASCII reports whether all characters of s are ASCII.
func IsASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// InASCII returns the end of an error that refuses the name s: the ASCII form of s (RFC
// 5891). It is "" if s is ASCII or has no such form.
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
