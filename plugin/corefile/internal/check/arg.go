package check

import (
	"cmp"
	"net/netip"
	"net/url"
	"strings"

	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

// optionalTarget parses the arguments of the check at l: one ARG at most. withPath
// allows a PATH in it.
func optionalTarget(l syntax.Line, args []string, withPath bool) (t probe.Target, err error) {
	switch len(args) {
	case 0:
		return t, nil
	case 1:
		return readTarget(l, args[0], withPath)
	default:
		return t, l.Errf("check: surplus argument %s, expected check %s [ARG]", syntax.Show(args[1]), l.Words[1])
	}
}

// refuseArgs refuses arguments of the check at l.
func refuseArgs(l syntax.Line, args []string) error {
	switch len(args) {
	case 0:
		return nil
	case 1:
		return l.Errf("check %s: surplus argument %s, expected none", l.Words[1], syntax.Show(args[0]))
	default:
		return l.Errf("check: surplus argument %s, expected check %s [ARG]", syntax.Show(args[1]), l.Words[1])
	}
}

// targetWithPort returns t with its own port, else with that of s. It is for check types
// without a default port.
func targetWithPort(t probe.Target, at syntax.Line, s Subject) (probe.Target, error) {
	if t.Port = cmp.Or(t.Port, s.Port); t.Port == 0 {
		return t, at.Errf("check %s: missing port, expected check %[1]s :PORT or endpoint %s port N", at.Words[1], s)
	}
	return t, nil
}

// readTarget parses the ARG of the check at l.
func readTarget(l syntax.Line, arg string, withPath bool) (t probe.Target, err error) {
	refuse := func(want string) error {
		return l.Errf("check %s %s: expected %s", l.Words[1], syntax.Show(arg), want)
	}
	if hasUser(arg) {
		return t, l.Errf("check %s: expected [HOST][:PORT][PATH] without user and password", l.Words[1])
	}
	if strings.Contains(arg, "://") {
		return t, refuse("[HOST][:PORT][PATH] without ://")
	}
	hostPort, path := arg, ""
	if i := strings.IndexByte(arg, '/'); i >= 0 {
		hostPort, path = arg[:i], arg[i:]
	}
	if path != "" && !withPath {
		return t, refuse("[HOST][:PORT] without a path")
	}
	if !isPath(path) {
		return t, refuse("a path of printable ASCII that is a valid URL's")
	}
	host, port, ok := cutPort(hostPort)
	if !ok {
		return t, refuse("[HOST][:PORT][PATH], an IPv6 address in brackets")
	}
	if port != "" {
		n, err := l.Number("check "+l.Words[1]+" port", port[1:], 1, 65535)
		if err != nil {
			return t, err
		}
		t.Port = uint16(n)
	}
	if t.Host, ok = readHost(host); !ok {
		return t, refuse("HOST to be a name, an IPv4 address, an IPv6 address in brackets or " + probe.Placeholder + syntax.InASCII(host))
	}
	t.Path = path
	return t, nil
}

// hasUser reports whether s has a user before the host, as a URL may. A password may be
// part of that, so no error may show s.
func hasUser(s string) bool {
	if _, rest, ok := strings.Cut(s, "://"); ok {
		s = rest
	}
	authority, _, _ := strings.Cut(s, "/")
	return strings.Contains(authority, "@")
}

// cutPort splits s before the colon of the port. port is "" if there is none.
func cutPort(s string) (host, port string, ok bool) {
	from := 0
	if strings.HasPrefix(s, "[") {
		if from = strings.IndexByte(s, ']') + 1; from == 0 {
			return "", "", false
		}
	}
	i := strings.IndexByte(s[from:], ':')
	if i < 0 {
		return s, "", true
	}
	host, port = s[:from+i], s[from+i:]
	return host, port, !strings.Contains(port[1:], ":")
}

// readHost parses the HOST of an ARG. The result is "" for the endpoint itself.
func readHost(s string) (string, bool) {
	switch {
	case s == "" || s == probe.Placeholder:
		return "", true
	case strings.HasPrefix(s, "["):
		return readBracketed(s)
	case strings.Contains(s, probe.Placeholder):
		_, ok := syntax.HostName(strings.ReplaceAll(s, probe.Placeholder, "endpoint"))
		return strings.TrimSuffix(strings.ToLower(s), "."), ok
	}
	if addr, err := netip.ParseAddr(s); err == nil { // IPv4: the colons of IPv6 are in brackets
		return addr.String(), true
	}
	return syntax.HostName(s)
}

func readBracketed(s string) (string, bool) {
	addr, err := netip.ParseAddr(strings.TrimSuffix(s[1:], "]"))
	ok := err == nil && strings.HasSuffix(s, "]") && addr.Is6() && !addr.Is4In6() && addr.Zone() == ""
	return addr.String(), ok
}

func isPath(s string) bool {
	if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return false
	}
	_, err := url.Parse("http://host" + s)
	return err == nil
}
