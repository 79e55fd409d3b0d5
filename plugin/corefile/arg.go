package corefile

import (
	"net/netip"
	"net/url"
	"strings"

	"github.com/coredns-failover/failover/healthcheck/probe"
)

// placeholder stands for the endpoint's address in an ARG.
const placeholder = "{endpoint}"

// readTarget reads the ARG of a check's line.
func readTarget(l line, arg string, withPath bool) (t probe.Target, err error) {
	refuse := func(want string) error {
		return l.errf("check %s %s: expected %s", l.words[1], show(arg), want)
	}
	if hasUser(arg) {
		return t, l.errf("check %s: expected [HOST][:PORT][PATH] without user and password", l.words[1])
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
		n, err := l.number("check "+l.words[1]+" port", port[1:], 1, 65535)
		if err != nil {
			return t, err
		}
		t.Port = uint16(n)
	}
	if t.Host, ok = readHost(host); !ok {
		return t, refuse("HOST to be a name, an IPv4 address, an IPv6 address in brackets or " + placeholder + inASCII(host))
	}
	t.Path = path
	return t, nil
}

// hasUser tells whether s has what stands before the host in a URL, and so perhaps
// a password, which no error shows.
func hasUser(s string) bool {
	if _, rest, ok := strings.Cut(s, "://"); ok {
		s = rest
	}
	authority, _, _ := strings.Cut(s, "/")
	return strings.Contains(authority, "@")
}

// cutPort cuts the port off, with its colon.
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

// readHost returns the Host of a Target: that of the endpoint itself is "".
func readHost(s string) (string, bool) {
	switch {
	case s == "" || s == placeholder:
		return "", true
	case strings.HasPrefix(s, "["):
		return readBracketed(s)
	case strings.Contains(s, placeholder):
		_, ok := hostName(strings.ReplaceAll(s, placeholder, "endpoint"))
		return strings.TrimSuffix(strings.ToLower(s), "."), ok
	}
	if addr, err := netip.ParseAddr(s); err == nil { // IPv4: the colons of IPv6 are in brackets
		return addr.String(), true
	}
	return hostName(s)
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
