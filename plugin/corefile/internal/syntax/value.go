package syntax

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/coredns/coredns/plugin/pkg/durations"
)

// Number parses s, which must be in [low, high]. what names s in the error.
func (l Line) Number(what, s string, low, high int) (int, error) {
	n, ok := Digits(s)
	if !ok || n < low || n > high {
		return 0, l.Errf("%s %s: expected a number from %d to %d", what, Show(s), low, high)
	}
	return n, nil
}

// Digits parses a number without a sign, below 2^31.
func Digits(s string) (int, bool) {
	n, err := strconv.ParseUint(s, 10, 31)
	return int(n), err == nil
}

// Percent parses a percentage such as "10%", which must be in [low, high].
func (l Line) Percent(s string, low, high int) (int, error) {
	number, signed := strings.CutSuffix(s, "%")
	n, ok := Digits(number)
	if !ok || !signed || n < low || n > high {
		return 0, l.Expected(s, "a percentage from %d%% to %d%%", low, high)
	}
	return n, nil
}

// Duration parses s, which must be in [low, high]; want names that range in the error.
func (l Line) Duration(s string, low, high time.Duration, want string) (time.Duration, error) {
	d, err := durations.NewDurationFromArg(s)
	if err != nil || d < low || d > high {
		return 0, l.Expected(s, "a duration %s", want)
	}
	return d, nil
}

// Short returns d without the zero minutes and seconds of its String.
func Short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// Host returns the host name that is the argument of l.
func (l Line) Host() (string, error) {
	name, ok := HostName(l.Words[1])
	if !ok {
		return "", l.Expected(l.Words[1], "a host name without a port%s", InASCII(l.Words[1]))
	}
	return name, nil
}

// Address parses s, which must be an address that a host can have. what names s in the
// error.
func (l Line) Address(what, s string) (netip.Addr, error) {
	addr, err := netip.ParseAddr(s)
	switch {
	case err != nil:
		return addr, l.Errf("%s %s: expected an IPv4 or IPv6 address", what, Show(s))
	case addr.Zone() != "":
		return addr, l.Errf("%s %s: expected an address without a zone id", what, s)
	case addr.Is4In6():
		return addr, l.Errf("%s %s: expected the IPv4 address as such, write %s", what, s, addr.Unmap())
	case addr.IsUnspecified() || addr.IsMulticast() || addr == broadcast:
		return addr, l.Errf("%s %s: expected an address that a host can have", what, s)
	}
	return addr, nil
}

var broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// Prefix parses s, a CIDR prefix or an address. An address is a prefix of full length.
func (l Line) Prefix(s string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(s)
	if addr, noPrefix := netip.ParseAddr(s); noPrefix == nil && addr.Zone() == "" {
		prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	switch {
	case err != nil:
		return prefix, l.Expected(s, "an IPv4 or IPv6 prefix such as 192.0.2.0/24, or an address")
	case prefix.Addr().Is4In6():
		return prefix, l.Expected(s, "the IPv4 prefix as such")
	case prefix != prefix.Masked():
		return prefix, l.Expected(s, "a prefix without bits after its length, write %s", prefix.Masked())
	}
	return prefix, nil
}

// HeartbeatName parses the name of a heartbeat, which is part of a URL.
func (l Line) HeartbeatName(s string) (string, error) {
	fits := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r)
	}
	if len(s) > 100 || strings.ContainsFunc(s, func(r rune) bool { return !fits(r) }) || strings.Trim(s, ".") == "" {
		return "", l.Errf("heartbeat %s: expected a name of letters, digits, '-', '_' and '.'", Show(s))
	}
	return s, nil
}
