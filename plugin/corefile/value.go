package corefile

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/coredns/coredns/plugin/pkg/durations"
)

// number reads the number s of what.
func (l line) number(what, s string, low, high int) (int, error) {
	n, ok := digits(s)
	if !ok || n < low || n > high {
		return 0, l.errf("%s %s: expected a number from %d to %d", what, show(s), low, high)
	}
	return n, nil
}

// digits reads a number without a sign.
func digits(s string) (int, bool) {
	n, err := strconv.ParseUint(s, 10, 31)
	return int(n), err == nil
}

// percent reads the percentage s, written with its sign.
func (l line) percent(s string, low, high int) (int, error) {
	number, signed := strings.CutSuffix(s, "%")
	n, ok := digits(number)
	if !ok || !signed || n < low || n > high {
		return 0, l.expected(s, "a percentage from %d%% to %d%%", low, high)
	}
	return n, nil
}

// duration reads a duration that the range of which is described by want.
func (l line) duration(s string, low, high time.Duration, want string) (time.Duration, error) {
	d, err := durations.NewDurationFromArg(s)
	if err != nil || d < low || d > high {
		return 0, l.expected(s, "a duration %s", want)
	}
	return d, nil
}

// short is d without the zero minutes and seconds of its String.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// host reads the host name that is the argument of l.
func (l line) host() (string, error) {
	name, ok := hostName(l.words[1])
	if !ok {
		return "", l.expected(l.words[1], "a host name without a port%s", inASCII(l.words[1]))
	}
	return name, nil
}

// address reads the address s of what.
func (l line) address(what, s string) (netip.Addr, error) {
	addr, err := netip.ParseAddr(s)
	switch {
	case err != nil:
		return addr, l.errf("%s %s: expected an IPv4 or IPv6 address", what, show(s))
	case addr.Zone() != "":
		return addr, l.errf("%s %s: expected an address without a zone id", what, s)
	case addr.Is4In6():
		return addr, l.errf("%s %s: expected the IPv4 address as such, write %s", what, s, addr.Unmap())
	case addr.IsUnspecified() || addr.IsMulticast() || addr == broadcast:
		return addr, l.errf("%s %s: expected an address that a host can have", what, s)
	}
	return addr, nil
}

var broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// prefix reads a CIDR, or an address for itself.
func (l line) prefix(s string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(s)
	if addr, noPrefix := netip.ParseAddr(s); noPrefix == nil && addr.Zone() == "" {
		prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	switch {
	case err != nil:
		return prefix, l.expected(s, "an IPv4 or IPv6 prefix such as 192.0.2.0/24, or an address")
	case prefix.Addr().Is4In6():
		return prefix, l.expected(s, "the IPv4 prefix as such")
	case prefix != prefix.Masked():
		return prefix, l.expected(s, "a prefix without bits behind its length, write %s", prefix.Masked())
	}
	return prefix, nil
}
