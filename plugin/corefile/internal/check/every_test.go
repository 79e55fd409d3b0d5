package check

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/coredns/caddy"

	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

// checkLines has a check of every type, without the braces.
var checkLines = map[string]string{
	"dns": "dns example.com", "exec": "exec /bin/sh", "file": "file every_test.go", "grpc": "grpc :1", "heartbeat": "heartbeat a", "http": "http",
	"https": "https", "icmp": "icmp", "none": "none", "prometheus": "prometheus http://p up", "tcp": "tcp :1", "tls": "tls", "udp": "udp :1",
}

// wrongValues are malformed values and values out of range, by property.
var wrongValues = map[string][]string{
	"alpn":            {"h,2", strings.Repeat("h", 256)},
	"answer":          {"("},
	"assert":          {"(", "nosuch == 1", "status"},
	"authority":       {"web:80", "192.0.2.1", "a..b"},
	"basic_auth":      {"m:e pw", "m:e file:/nonexistent"},
	"bearer":          {"file:/nonexistent", "file:"},
	"body":            {"(", `\q`},
	"body_not":        {"("},
	"damping":         {"x", "-1m", "on"},
	"expect":          {"("},
	"fall":            {"0", "1001", "x", "-1", "3 x", "1.5"},
	"fast_interval":   {"9ms", "3s", "x"},
	"grace":           {"0", "x", "-1s"},
	"header":          {"Host x", "X file:/nonexistent"},
	"host":            {"a:0", "a:65536", "a:", ":80", "a:1:2", "a..b", "192.0.2.1", "[2001:db8::1]:80", "http://web"},
	"interval":        {"19ms", "1h1s", "x", "-1s", "0", "1d"},
	"jitter":          {"51%", "-1%", "10", "x"},
	"method":          {"G(T"},
	"min_validity":    {"0", "87601h", "x"},
	"payload":         {"file:/nonexistent", "file:"},
	"proxy_protocol":  {"v3", "1", "V1"},
	"rcode":           {"OK", "0"},
	"redirects":       {"11", "-1", "x"},
	"rise":            {"0", "1001", "x", "3 -1s"},
	"send":            {`\xZZ`, `\q`},
	"service":         {"a\x01"},
	"source":          {"x", "192.0.2.0/24", "192.0.2.1:1"},
	"status":          {"99", "600", "x", "300-200", "200-"},
	"timeout":         {"9ms", "3s", "x"},
	"tls_ca":          {"/nonexistent"},
	"tls_cert":        {"/nonexistent /nonexistent"},
	"tls_pin":         {"x", strings.Repeat("0", 63)},
	"tls_versions":    {"1.4", "1", "0.9", "tls1.2", "1.3 1.2", "1.2 1.4", "1.2 1.0"},
	"tls_server_name": {"a:443", "a..b"},
	"transport":       {"https"},
}

// readBody parses a check with this body.
func readBody(head, body string) error {
	lines, err := syntax.ReadLines(caddy.NewTestController("dns", "check "+head+" {\n"+body+"\n}"), func() string { return "" })
	if err != nil {
		return err
	}
	return new(Health).readCheck(lines[0])
}

// Every property of every type of check is refused by name with too few arguments, too
// many, a wrong one, and twice. A new property with arguments needs wrongValues.
func TestRefusesEveryPropertyOfEveryCheck(t *testing.T) {
	for _, typ := range slices.Sorted(maps.Keys(kinds)) {
		for name, p := range kinds[typ].properties {
			refuses := func(body, phrase string) {
				t.Helper()
				err := readBody(checkLines[typ], body)
				if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), phrase) {
					t.Errorf("check %s, %q: %v, want it to name %s and say %q", typ, body, err, name, phrase)
				}
			}
			args := func(n int) string { return name + strings.Repeat(" 1", n) }
			if p.Min > 0 {
				refuses(args(p.Min-1), "missing argument")
				if len(wrongValues[name]) == 0 {
					t.Errorf("nothing is wrong with %s", name)
				}
			}
			if p.Max < syntax.Many {
				refuses(args(p.Max+1), "surplus argument")
			}
			for _, value := range wrongValues[name] {
				refuses(name+" "+value, "expected")
			}
			if good := goodValues[name]; !p.Repeatable && good != "" {
				refuses(name+" "+good+"\n"+name+" "+good, "given twice")
			}
		}
	}
}

// goodValues are good values, by property.
var goodValues = map[string]string{
	"alpn": "h2", "answer": "a", "assert": "true", "authority": "web", "basic_auth": "me pw", "bearer": "t", "body": "a", "body_not": "a",
	"damping": "1m", "fall": "2", "fast_interval": "1s", "grace": "1s", "host": "web", "interval": "2s", "jitter": "1%", "method": "GET",
	"min_validity": "1h", "payload": "a", "proxy_protocol": "v1", "tls_versions": "1.2", "rcode": "NOERROR", "redirects": "1", "rise": "2", "service": "a", "status": "200", "timeout": "1s",
	"tls_pin": strings.Repeat("0", 64), "tls_server_name": "web", "transport": "tcp",
}
