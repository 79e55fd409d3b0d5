package syntax

import (
	"net/netip"
	"strings"

	"github.com/coredns/coredns/plugin"
)

// maxName is the length of the longest absolute name: its 255 octets on the
// wire have one for the root that the text does not have.
const MaxName = 254

// domain returns s absolute and in lower case, if it is a name made of letters,
// digits, '-' and '_' that fits into a packet.
func Domain(s string) (string, bool) {
	if s == "." {
		return s, true
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(s, "."), ".") {
		if len(label) < 1 || len(label) > 63 || strings.ContainsFunc(label, NotInLabel) {
			return "", false
		}
	}
	name := plugin.Name(s).Normalize()
	return name, len(name) <= MaxName
}

func NotInLabel(r rune) bool { return !isLetter(r) && !isDigit(r) && r != '-' && r != '_' }

func isLetter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

// hostName returns s in lower case and without a dot at the end, if it is the
// name of a host and not an address.
func HostName(s string) (string, bool) {
	name, ok := Domain(s)
	name = strings.TrimSuffix(name, ".")
	last := name[strings.LastIndexByte(name, '.')+1:]
	numeric := !strings.ContainsFunc(last, func(r rune) bool { return !isDigit(r) })
	return name, ok && !numeric
}

// isAddress tells whether s is an address where a name is due.
func IsAddress(s string) bool {
	_, err := netip.ParseAddr(strings.TrimSuffix(s, "."))
	return err == nil
}
