package syntax

import (
	"net/netip"
	"strings"

	"github.com/coredns/coredns/plugin"
)

// MaxName is the length of the longest absolute name in text. On the wire it has 255
// octets (RFC 1035, section 2.3.4); the octet of the root is not in the text.
const MaxName = 254

// Domain returns s absolute and in lower case. ok is false if s has other characters than
// letters, digits, '-' and '_', or is too long.
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

// NotInLabel reports whether r may not be in a label: it is no letter, digit, '-' or '_'.
func NotInLabel(r rune) bool { return !isLetter(r) && !isDigit(r) && r != '-' && r != '_' }

func isLetter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

// HostName returns s in lower case and without a dot at the end. ok is false if s is an
// address or no valid host name.
func HostName(s string) (name string, ok bool) {
	name, ok = Domain(s)
	name = strings.TrimSuffix(name, ".")
	last := name[strings.LastIndexByte(name, '.')+1:]
	numeric := !strings.ContainsFunc(last, func(r rune) bool { return !isDigit(r) })
	return name, ok && !numeric
}

// IsAddress reports whether s is an IP address, perhaps with a dot at the end.
func IsAddress(s string) bool {
	_, err := netip.ParseAddr(strings.TrimSuffix(s, "."))
	return err == nil
}
