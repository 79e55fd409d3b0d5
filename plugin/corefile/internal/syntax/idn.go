package syntax

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// idn maps names as browsers do (UTS 46), and leaves '_' and '*' alone.
var idn = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.Transitional(false), idna.StrictDomainName(false))

func IsASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// inASCII ends the error that refuses the name s with its form in ASCII (RFC 5891);
// "" if s is in ASCII or has no such form.
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
