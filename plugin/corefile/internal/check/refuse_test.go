package check_test

import (
	"strings"
	"testing"

	"github.com/coredns-failover/failover/plugin/corefile"
)

func TestRefusesARG(t *testing.T) {
	tests := []struct{ check, phrase string }{
		{"check http http://192.0.2.1/", "check http http://192.0.2.1/: expected [HOST][:PORT][PATH] without ://"},
		{"check tcp tcp://:80", "without ://"},
		{"check http :80 /x", "check: surplus argument /x"},
		{"check http :0", "check http port 0: expected a number from 1 to 65535"},
		{"check http :65536/", "check http port 65536: expected a number"},
		{"check http :", `check http port "": expected a number`},
		{"check http web:http", "check http port http: expected a number"},
		{"check http 2001:db8::1", "an IPv6 address in brackets"},
		{"check http [2001:db8::1", "an IPv6 address in brackets"},
		{"check http [2001:db8::1]80", "expected HOST to be a name"},
		{"check http [192.0.2.1]", "expected HOST to be a name"},
		{"check http [::ffff:192.0.2.1]", "expected HOST to be a name"},
		{"check http [fe80::1%eth0]", "expected HOST to be a name"},
		{"check http []", "expected HOST to be a name"},
		{"check http 192.0.2", "expected HOST to be a name"},
		{"check http user@web", "without user and password"},
		{"check http {address}", "expected HOST to be a name"},
		{"check http bücher.example:8080/", "or {endpoint}; a name with other letters is written xn--bcher-kva.example"},
		{"check dns bücher.example", "an ARG before it has a colon; a name with other letters is written xn--bcher-kva.example"},
		{"check http web?x", "expected HOST to be a name"},
		{"check http /%zz", "expected a path"},
		{"check http /ä", "expected a path"},
		{"check http \"/a b\"", "has a space or newline in it"},
		{"check tls :443/x", "check tls :443/x: expected [HOST][:PORT] without a path"},
		{"check tls https://web", "without ://"},
		{"check udp :65536", "check udp port 65536: expected a number from 1 to 65535"},
		{"check udp :53/x", "check udp :53/x: expected [HOST][:PORT] without a path"},
		{"check tls :0", "check tls port 0: expected a number from 1 to 65535"},
		{"check tcp :80/x", "check tcp :80/x: expected [HOST][:PORT] without a path"},
		{"check none :80", "check none: surplus argument :80, expected none"},
		{"check file", "check file: missing argument, expected check file PATH"},
		{"check file \"\"", "check: an argument is empty"},
		{"check file /", "check file: expected a file that can be read: /: not a regular file"},
		{"check file /dev/null", "check file: expected a file that can be read: /dev/null: not a regular file"},
		{"check file /dev/null x", "check: surplus argument x"},
		{"check icmp :80", "check icmp: surplus argument :80, expected none"},
		{"check none {\ninterval 1s\n}", ""},
	}
	for _, test := range tests {
		text := withCheck(test.check)
		_, err := corefile.Parse(controller(text))
		if test.phrase == "" {
			refused(t, text, err, 4, `unknown property "interval" of check none: it has none`)
			continue
		}
		refused(t, text, err, 3, test.phrase)
	}
}

func TestRefusesCheckProperties(t *testing.T) {
	tests := []struct{ property, phrase string }{
		{"intervall 1s", `unknown property "intervall" of check http: expected one of assert, basic_auth, bearer, body, body_not, ` +
			"damping, fall, fast_interval, header, host, interval, invert, jitter, method, payload, proxy_protocol, redirects, rise, source, status, timeout, tls_ca"},
		{"watch", `unknown property "watch"`},
		{"interval", "interval: missing argument"},
		{"interval 1s 2s", "interval: surplus argument 2s"},
		{"interval 19ms", "interval 19ms: expected a duration from 20ms to 1h"},
		{"interval 3601", "interval 3601: expected a duration from 20ms to 1h"},
		{"interval soon", "interval soon: expected a duration"},
		{"interval -1s", "interval -1s: expected a duration"},
		{"interval 99999999999", "expected a duration"},
		{"timeout 9ms", "timeout 9ms: expected a duration from 10ms to 2s, the interval"},
		{"timeout 3s", "timeout 3s: expected a duration from 10ms to 2s, the interval"},
		{"timeout 2s\ninterval 1s", "timeout 2s: expected a duration from 10ms to 1s, the interval"},
		{"fast_interval 3s", "fast_interval 3s: expected a duration from 10ms to 2s, the interval"},
		{"fast_interval 1ms", "fast_interval 1ms: expected a duration"},
		{"fall 0", "fall 0: expected a number from 1 to 1000"},
		{"fall 1001", "fall 1001: expected a number from 1 to 1000"},
		{"fall 5 -1s", "fall -1s: expected a duration"},
		{"fall 3s", "fall 3s: expected a number"},
		{"rise 0", "rise 0: expected a number from 1 to 1000"},
		{"rise 1 2 3", "rise: surplus argument 3"},
		{"jitter 10", "jitter 10: expected a percentage from 0% to 50%"},
		{"jitter 51%", "jitter 51%: expected a percentage"},
		{"jitter -1%", "jitter -1%: expected a percentage"},
		{"damping 0", "damping 0: expected a duration above 0, or off"},
		{"damping on", "damping on: expected a duration above 0, or off"},
		{"source 0.0.0.0", "source 0.0.0.0: expected an address that a host can have"},
		{"source eth0", "source eth0: expected an IPv4 or IPv6 address"},
		{"invert yes", "invert: surplus argument yes"},
		{"method get", "method get: expected a word in upper case"},
		{"method G/T", "method G/T: expected a word in upper case"},
		{"host web:0", "host port 0: expected a number from 1 to 65535"},
		{"host web:", `host port "": expected a number from 1 to 65535`},
		{"host web:80:80", "host web:80:80: expected a host name, or a host name and a port"},
		{"host web/", "host web/: expected a host name"},
		{"host http://web", "host http://web: expected a host name"},
		{"host bücher.example", "; a name with other letters is written xn--bcher-kva.example"},
		{"host 192.0.2.1", "host 192.0.2.1: expected a host name"},
		{"host .", "host .: expected a host name"},
		{"host a b", "host: surplus argument b"},
		{"status", "status: missing argument"},
		{"status 99", "status 99: expected a status code from 100 to 599"},
		{"status 200-600", "status 200-600: expected a status code"},
		{"status 300-200", "status 300-200: expected a status code"},
		{"status 200,304", "status 200,304: expected a status code"},
		{"status 2xx", "status 2xx: expected a status code"},
		{"body (", "body (: expected a regular expression: error parsing regexp"},
		{"body \"\"", "body: an argument is empty"},
		{"body_not *", "body_not *: expected a regular expression"},
		{"assert", "assert: missing argument, expected assert EXPR"},
		{"assert \"\"", "assert: an argument is empty"},
		{"assert \"status ==\"", `assert "status ==": expected an expression that is true or false: unexpected token EOF`},
		{"assert status", "assert status: expected an expression that is true or false: expected bool, but got int"},
		{"assert status == 'x'", "expected an expression that is true or false: invalid operation: =="},
		{"assert headers('X') == ''", "expected an expression that is true or false: unknown name headers"},
		{"assert header(1) == ''", "expected an expression that is true or false: cannot use int as argument"},
		{"assert true\nassert false", ""},
		{"redirects 11", "redirects 11: expected a number from 0 to 10"},
		{"redirects 1\nredirects 1", ""},
		{"tls_server_name bücher.example", "; a name with other letters is written xn--bcher-kva.example"},
		{"tls_server_name 192.0.2.1", "tls_server_name 192.0.2.1: expected a host name"},
		{"tls_insecure yes", "tls_insecure: surplus argument yes"},
		{"tls_pin abcd", "tls_pin abcd: expected a SHA-256 digest"},
		{"tls_pin md5/" + strings.Repeat("a", 64), "expected a SHA-256 digest"},
		{"tls_pin " + strings.Repeat("a", 63) + "g", "expected a SHA-256 digest"},
		{"tls_pin " + strings.Repeat("a:b", 31) + "ab", "expected a SHA-256 digest"},
	}
	for _, test := range tests {
		text := inCheck("check http", test.property)
		_, err := corefile.Parse(controller(text))
		if test.phrase == "" {
			refused(t, text, err, 5, " is given twice")
			continue
		}
		refused(t, text, err, 4, test.phrase)
	}
	_, err := corefile.Parse(controller(inCheck("check tcp :80", "status 200")))
	refused(t, "status of tcp", err, 4, `unknown property "status" of check tcp: expected one of damping, expect, fall, fast_interval, interval, invert, jitter, proxy_protocol, rise, send, source, starttls, timeout, tls_ca`)
	_, err = corefile.Parse(controller(inCheck("check tcp :80", "source 2001:db8::1\nsource 2001:db8::2")))
	refused(t, "source", err, 5, "source 2001:db8::2: a source for IPv6 is given twice")
	_, err = corefile.Parse(controller(inCheck("check icmp", "send a")))
	refused(t, "send of icmp", err, 4, `unknown property "send" of check icmp: expected one of damping, fall, fast_interval, interval, invert, jitter, rise, source, timeout`)
}
