package test

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// refusals has wrong lines of a record in a Corefile that is otherwise right, and words of the
// error message. The lines begin at line 5, and the fault is in the last of them
// unless at says otherwise.
var refusals = []struct {
	lines string
	words []string
	at    int
}{
	// Properties.
	{"nosuch 1", []string{"nosuch", "expected"}, 0},
	{"check http {\nnosuch 1", []string{"nosuch", "check http", "expected"}, 0},
	{"primary 192.0.2.1 {\nnosuch 1", []string{"nosuch", "pool primary", "expected"}, 0},
	{"ttl", []string{"ttl", "missing argument", "expected"}, 0},
	{"ttl 5\nttl 5", []string{"ttl", "twice"}, 0},
	{"check tcp :1 {\ninterval 1s\ninterval 1s", []string{"interval", "twice"}, 0},
	{"primary 192.0.2.1\nprimary 192.0.2.2", []string{"primary", "twice"}, 0},
	{"check none surplus", []string{"check", "surplus"}, 0},
	{"require all any", []string{"require", "surplus", "any"}, 0},
	{"failback sometimes", []string{"failback", "sometimes", "expected"}, 0},
	{"failback after 0", []string{"failback", "0", "10ms"}, 0},
	{"steer sideways", []string{"steer", "sideways", "expected"}, 0},
	{"steer latency 101%", []string{"steer", "101%", "100%"}, 0},
	{"primary 192.0.2.1\ncheck none\nall_down nowhere", []string{"all_down", "nowhere", "expected"}, 0},
	// Numbers and durations out of range.
	{"ttl 65536", []string{"ttl", "65536", "65535"}, 0},
	{"ttl 5 6", []string{"ttl", "6", "MAX"}, 0},
	{"ttl soon", []string{"ttl", "soon", "expected"}, 0},
	{"check tcp :1 {\ninterval 19ms", []string{"interval", "19ms", "20ms"}, 0},
	{"check tcp :1 {\ninterval 61m", []string{"interval", "61m", "1h"}, 0},
	{"check tcp :1 {\ntimeout 9ms", []string{"timeout", "9ms", "10ms"}, 0},
	{"check tcp :1 {\ninterval 1s\ntimeout 2s", []string{"timeout", "2s", "1s"}, 0},
	{"check tcp :1 {\ninterval 1s\nfast_interval 2s", []string{"fast_interval", "2s", "1s"}, 0},
	{"check tcp :1 {\nfall 0", []string{"fall", "0", "1000"}, 0},
	{"check tcp :1 {\nrise 1001", []string{"rise", "1001", "1000"}, 0},
	{"check tcp :1 {\njitter 51%", []string{"jitter", "51%", "50%"}, 0},
	{"check http {\nredirects 11", []string{"redirects", "11", "10"}, 0},
	{"check http {\nstatus 99", []string{"status", "99", "100"}, 0},
	{"check tcp :65536", []string{"65536", "65535"}, 0},
	{"primary {\nendpoint 192.0.2.1 port 0", []string{"port", "0", "65535"}, 0},
	// Pools and endpoints.
	{"primary 192.0.2.1 192.0.2.1", []string{"duplicate endpoint", "192.0.2.1"}, 0},
	{"primary backend", []string{"primary", "backend", "two labels"}, 0},
	{"primary backend.example.1", []string{"primary", "backend.example.1", "expected"}, 0},
	{"primary 0.0.0.0", []string{"primary 0.0.0.0", "an address that a host can have"}, 0},
	{"primary ::", []string{"primary ::", "an address that a host can have"}, 0},
	{"primary {\nendpoint 224.0.0.251", []string{"endpoint 224.0.0.251", "an address that a host can have"}, 0},
	{"primary ff02::1", []string{"primary ff02::1", "an address that a host can have"}, 0},
	{"primary {\nendpoint 192.0.2.1 probe 255.255.255.255", []string{"probe 255.255.255.255", "an address that a host can have"}, 0},
	{"primary bücher.example", []string{"primary bücher.example", "xn--bcher-kva.example"}, 0},
	{"check http bücher.example:80/", []string{"bücher.example:80/", "xn--bcher-kva.example"}, 0},
	{"check https {\nhost bücher.example", []string{"host bücher.example", "xn--bcher-kva.example"}, 0},
	{"primary" + tooMany(), []string{"pool primary", "4001 addresses", "64 KiB"}, 0},
	{"primary next 192.0.2.1", []string{"next", "alone", "192.0.2.1"}, 0},
	{"primary next\nsecondary next", []string{"next", "pool primary"}, 0},
	{"primary 192.0.2.1 {\nas cname", []string{"as cname", "host name"}, 0},
	{"primary 192.0.2.1 {\npanic 101%", []string{"panic", "101%", "100%"}, 0},
	{"primary 192.0.2.1 {\nweight 65536", []string{"weight", "65536", "65535"}, 0},
	{"primary 192.0.2.1 {\nprefer client_ip()", []string{"prefer", "client_ip()", "true or false"}, 0},
	{"primary 192.0.2.1 {\nprefer country() == 'DE'", []string{"prefer", "country()", "true or false"}, 0},
	{"primary 192.0.2.1 {\npolicy hash 2", []string{"policy hash", "2", "1"}, 0},
	{"primary 192.0.2.300", []string{"primary", "192.0.2.300", "expected"}, 0},
	{"primary {\nendpoint 192.0.2.1\nendpoint 192.0.2.1 name b", []string{"duplicate endpoint", "192.0.2.1"}, 0},
	{"pool x 192.0.2.1\npool x 192.0.2.2", []string{"pool", "x", "twice"}, 0},
	{"pool all 192.0.2.1", []string{"pool", "all", "reserved"}, 0},
	{"pool none 192.0.2.1", []string{"pool", "none", "reserved"}, 0},
	{"primary", []string{"pool primary", "no endpoint"}, 0},
	{"primary 192.0.2.1 {\nmin_healthy 2", []string{"min_healthy", "2", "1"}, 0},
	{"primary 192.0.2.1 {\npolicy nosuch", []string{"policy", "nosuch", "expected"}, 0},
	{"primary 192.0.2.1\ncheck none\nrequire 2", []string{"require", "2", "checks"}, 0},
	{"check none", []string{"app.example.org.", "no pool"}, 4},
	{"primary 192.0.2.1", []string{"app.example.org.", "no check"}, 4},
	// Checks.
	{"check nosuch", []string{"nosuch", "expected"}, 0},
	{"check http http://192.0.2.1/", []string{"http://192.0.2.1/", "://"}, 0},
	{"check http ftp://x", []string{"ftp://x", "://"}, 0},
	{"check http {\nbody (", []string{"body", "(", "regular expression"}, 0},
	{"check http {\nbody_not [", []string{"body_not", "[", "regular expression"}, 0},
	{"check https {\ntls_ca nosuch.pem", []string{"tls_ca", "nosuch.pem", "no such file"}, 0},
	{"check https {\ntls_ca Corefile", []string{"tls_ca", "Corefile", "certificate"}, 0},
	{"check https {\ntls_cert nosuch.pem nosuch.key", []string{"tls_cert", "nosuch.pem", "no such file"}, 0},
	{"check https {\ntls_pin abc", []string{"tls_pin", "abc", "SHA-256"}, 0},
	{"primary 192.0.2.1\ncheck tcp", []string{"check tcp", "port"}, 0},
	{"check none\ncheck tcp :1", []string{"check none", "alone"}, 0},
	{"check http {\nheader Host www.example.net", []string{"header", "Host", "host NAME"}, 0},
	{"check http {\nhost a:0", []string{"host", "0", "1 to 65535"}, 0},
	{"check http {\nhost http://a", []string{"host", "http://a", "NAME:PORT"}, 0},
	{"check tls {\ntls_versions 1.4", []string{"tls_versions", "1.4", "1.0, 1.1, 1.2, 1.3"}, 0},
	{"check tls {\ntls_versions 1.3 1.0", []string{"tls_versions", "1.0", "1.3 or above"}, 0},
	{"check https {\nproxy_protocol v3", []string{"proxy_protocol", "v3", "v1 or v2"}, 0},
	{"check udp :1 {\nproxy_protocol v1", []string{"proxy_protocol", "check udp", "unknown property"}, 0},
	{"check tcp :1 {\nstarttls\nstarttls", []string{"starttls", "twice"}, 0},
	{"primary 192.0.2.1\ncheck tcp :1 {\ntls_insecure", []string{"tls_insecure", "expected starttls"}, 0},
	{"check http {\npayload file:nosuch", []string{"payload", "nosuch", "no such file"}, 0},
	// Messages never show secrets.
	{"check http {\npayload s3cret s3cret", []string{"payload", "surplus"}, 0},
	{"check http {\npayload s3cret\npayload s3cret", []string{"payload", "twice"}, 0},
	{"check http {\npayload {$NOSUCH}", []string{"payload", "empty"}, 0},
	{"check http {\nbearer s3cret s3cret", []string{"bearer", "surplus"}, 0},
	{"check http {\nbearer \"s3cret s3cret\"", []string{"bearer", "expected"}, 0},
	{"check http {\nbasic_auth s3cret", []string{"basic_auth", "missing argument"}, 0},
	{"check http {\nbasic_auth me s3cret s3cret", []string{"basic_auth", "surplus"}, 0},
	{"check http {\nheader X-Key s3cret s3cret", []string{"header", "surplus"}, 0},
	{"check http {\nheader X-Key {$NOSUCH}", []string{"header", "empty"}, 0},
	{"check http {\nbearer {$NOSUCH}", []string{"bearer", "empty"}, 0},
	{"check http {\n\"bearer s3cret\"", []string{"check http", "a variable is one argument"}, 0},
	{"check http {\nbearer s3cret\nnosuch s3cret", []string{"nosuch", "expected"}, 0},
	{"check http {\nbearer s3cret\nbearer s3cret", []string{"bearer", "twice"}, 0},
	// Braces.
	{"primary 192.0.2.1 { policy all }", []string{"'{' ends a line and '}' stands alone"}, 0},
	{"check http\n{", []string{"'{' ends a line and '}' stands alone"}, 0},
}

// tooMany returns more addresses than fit into an answer, with a blank before each.
func tooMany() string {
	var b strings.Builder
	for i := range 4001 {
		fmt.Fprintf(&b, " 10.1.%d.%d", i/250, i%250)
	}
	return b.String()
}

// A Corefile with a wrong line does not start, and the error names the line.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, test := range refusals {
		at := test.at
		if at == 0 {
			at = 5 + strings.Count(test.lines, "\n")
		}
		closing := strings.Repeat("}\n", strings.Count(test.lines, "{\n"))
		closing += strings.Repeat("}\n", strings.Count(test.lines+"\n", "\n{\n"))
		refuse(t, "example.org:$dns {\nbind $ip\nfailover {\nrecord app {\n"+test.lines+"\n"+closing+"}\n}\n}\n", at, test.words...)
	}
}

// Names that conflict with those of other records or server blocks are refused.
func TestRefusesNames(t *testing.T) {
	t.Parallel()
	const ok = "primary 192.0.2.1\ncheck none\n}\n"
	tests := []struct {
		blocks string
		at     int
		words  []string
	}{
		{"failover {\nrecord a {\n" + ok + "record a {\n" + ok + "}\n", 8, []string{"duplicate record", "a.example.org."}},
		{"failover {\nrecord a {\n" + ok + "}\nfailover A.example.org {\n" + ok, 9, []string{"duplicate record", "a.example.org."}},
		{"failover {\nrecord a.example.net. {\n" + ok + "}\n", 4, []string{"a.example.net.", "outside"}},
		{"failover {\nrecord a {\nprimary b.example.org\ncheck none\n}\nrecord b {\nprimary a.example.org\ncheck none\n}\n}\n", 9,
			[]string{"primary", "a.example.org.", "lead back"}},
		{"failover {\nprimary b.example.net {\nas cname\n}\ncheck none\n}\n", 5, []string{"as cname", "example.org.", "apex"}},
		{"failover {\necs_from 192.0.2.1/24\n" + ok, 4, []string{"ecs_from", "192.0.2.1/24", "192.0.2.0/24"}},
		{"failover {\nprimary 192.0.2.1\nrecord a {\n" + ok + "}\n", 5, []string{"either pools or records"}},
		{"failover bücher.example {\n" + ok, 3, []string{"ZONE bücher.example", "xn--bcher-kva.example"}},
		{"failover {\nrecord *.bücher {\n" + ok + "}\n", 4, []string{"record *.bücher", "*.xn--bcher-kva"}},
		{"failover exa..mple {\n" + ok, 3, []string{"ZONE", "exa..mple"}},
		{"failover 192.0.2.0/24 {\n" + ok, 3, []string{"ZONE", "192.0.2.0/24"}},
		{"failover *.example.org {\nprimary 192.0.2.1\ncheck http\n}\n", 5, []string{"host", "*.example.org."}},
	}
	for _, test := range tests {
		refuse(t, "example.org:$dns {\nbind $ip\n"+test.blocks+"}\n", test.at, test.words...)
	}
	refuse(t, "bücher.example:$dns {\nbind $ip\nfailover {\n"+ok+"}\n", 3, "ZONE bücher.example.", "xn--bcher-kva.example.")
	// Another server block may have the same name.
	block := ":$dns {\nbind $ip\nfailover a.example.org {\n" + ok + "}\n"
	start(t, "example.org"+block+"org"+block, nil)
}

// A block without records yet, such as one that imports files, starts with a warning and has its
// records after a reload.
func TestStartsWithoutRecords(t *testing.T) {
	t.Parallel()
	const corefile = "example.org:$dns {\nbind $ip\nfailover {\ncheck none\nimport $dir/records*.conf\n}\n}\n"
	s := start(t, corefile, nil)
	s.waitFor("plugin/failover: A block without records, as after an import that matches no file: Corefile:3: example.org.")
	if got := s.ask("app.example.org", "A"); got != "NXDOMAIN SOA" {
		t.Errorf("a name in its zone: got %s", got)
	}
	s.write("records1.conf", "record app {\nprimary 192.0.2.1\n}\n")
	s.reload(corefile)
	if got := s.ask("app.example.org", "A"); got != "A 192.0.2.1" {
		t.Errorf("with a record: got %s", got)
	}
	if n := s.log.count("A block without records"); n != 1 {
		t.Errorf("the log says %d times that there are no records", n)
	}
}

// refuse checks that the server does not start with a Corefile.
func refuse(t *testing.T, corefile string, line int, words ...string) {
	t.Helper()
	s := prepare(t, nil)
	s.write("Corefile", corefile)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, "-conf", "Corefile", "-dns.port", s.vars.expand(t, "$dns"))
	cmd.Dir = s.vars["dir"]
	cmd.Stdout, cmd.Stderr = s.log, s.log
	err := cmd.Run()
	if ctx.Err() != nil || err == nil {
		t.Errorf("%s\nis accepted", indent(corefile))
		return
	}
	s.log.checkHealthy(t)
	for _, word := range append(words, fmt.Sprintf("plugin/failover: Corefile:%d - Error during parsing: ", line)) {
		if s.log.count(word) == 0 {
			t.Errorf("%s\nis refused with\n%s\nwithout %q", indent(corefile), indent(s.log.String()), word)
		}
	}
	if s.log.count("s3cret") > 0 {
		t.Errorf("%s\nis refused with a message that has the secret:\n%s", indent(corefile), indent(s.log.String()))
	}
}
