package syntax

import (
	"net/netip"
	"strings"

	"github.com/coredns/coredns/plugin"
)

// MaxName is the length of the longest absolute name. On the wire it has 255 octets,
// one of them for the root, which is not in the text.
const MaxName = 254

// Domain returns s absolute and in lower case. ok is false unless s is a name of
// letters, digits, '-' and '_' that is not too long.
func Domain(s string) (name string, ok bool) {
	if s == "." {
		return s, true
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(s, "."), ".") {
		if len(label) < 1 || len(label) > 63 || strings.ContainsFunc(label, NotInLabel) {
			return "", false
		}
	}
	name = plugin.Name(s).Normalize()
	return name, len(name) <= MaxName
}

// NotInLabel reports whether r is none of the characters of a name's label.
func NotInLabel(r rune) bool { return !isLetter(r) && !isDigit(r) && r != '-' && r != '_' }

func isLetter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

// HostName returns s in lower case and without a dot at the end. ok is false unless s
// is the name of a host, which an address is not.
func HostName(s string) (name string, ok bool) {
	name, ok = Domain(s)
	name = strings.TrimSuffix(name, ".")
	last := name[strings.LastIndexByte(name, '.')+1:]
	numeric := !strings.ContainsFunc(last, func(r rune) bool { return !isDigit(r) })
	return name, ok && !numeric
}

// IsAddress reports whether s is an address where a name is expected.
func IsAddress(s string) bool {
	_, err := netip.ParseAddr(strings.TrimSuffix(s, "."))
	return err == nil
}
