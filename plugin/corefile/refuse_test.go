package corefile

import (
	"strings"
	"testing"

	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

func TestRefusesBlocks(t *testing.T) {
	const p = "\nprimary 192.0.2.1\ncheck none\n}"
	long := strings.Repeat("a", 63)
	tests := []struct {
		text   string
		line   int
		phrase string
	}{
		// Braces.
		{"failover\n{" + p, 2, syntax.ErrBraces},
		{"failover { primary 192.0.2.1\ncheck none\n}", 1, syntax.ErrBraces},
		{"failover { }", 1, syntax.ErrBraces},
		{"failover {\nprimary 192.0.2.1\ncheck none }", 3, syntax.ErrBraces},
		{"failover {\nprimary 192.0.2.1 {\npolicy all\n} check none\n}", 4, syntax.ErrBraces},
		{"failover {\nprimary 192.0.2.1\n{\n}\ncheck none\n}", 3, syntax.ErrBraces},
		{"failover {" + p + "\n}", 5, syntax.ErrBraces},
		{"failover {\nprimary 192.0.2.1 {\ncheck none\n}", 1, syntax.ErrBraces},
		{"failover {\nttl 5 {\n}\n}", 2, "ttl: unexpected '{'"},
		{"failover {}", 1, syntax.ErrBraces},
		{"failover {\nrecord a{" + p, 2, syntax.ErrBraces},
		{"failover {\ncheck none\nprimary 192.0.2.1 {}\n}", 3, syntax.ErrBraces},
		{"failover {\nprimary 192.0.2.1\ncheck http{\ninterval 1s\n}", 3, syntax.ErrBraces},
		{"failover {\nprimary 192.0.2.1\ncheck http {interval 1s}\n}", 3, syntax.ErrBraces},
		{"failover {\ncheck none\nprimary 192.0.2.1 {\npolicy all}\n}\n}", 4, syntax.ErrBraces},
		{"failover {\ncheck none\nprimary{\nendpoint 192.0.2.1\n}", 3, syntax.ErrBraces},

		// Zones.
		{"failover dns://example.org {" + p, 1, "ZONE dns://example.org: expected a domain name"},
		{"failover example.org:53 {" + p, 1, "ZONE example.org:53"},
		{"failover 10.0.0.0/8 {" + p, 1, "ZONE 10.0.0.0/8"},
		{"failover 192.0.2.1 {" + p, 1, "ZONE 192.0.2.1"},
		{"failover 192.0.2.1. {" + p, 1, "ZONE 192.0.2.1."},
		{"failover 2001:db8::1 {" + p, 1, "ZONE 2001:db8::1"},
		{"failover exa\\109ple.org {" + p, 1, "ZONE exa\\109ple.org"},
		{"failover example..org {" + p, 1, "ZONE example..org"},
		{"failover .example.org {" + p, 1, "ZONE .example.org"},
		{"failover a.*.example.org {" + p, 1, "ZONE a.*.example.org"},
		{"failover bücher.example {" + p, 1, "ZONE bücher.example: expected a domain name of letters, digits, '-' and '_', without scheme, " +
			"port or prefix length; a name with other letters is written xn--bcher-kva.example"},
		{"failover *.BÜCHER.example. {" + p, 1, "is written *.xn--bcher-kva.example."},
		{"failover {\nrecord _x.faß {" + p + "\n}", 2, "record _x.faß: expected a name of letters, digits, '-' and '_', or '@'; " +
			"an asterisk may be its whole first label; a name with other letters is written _x.xn--fa-hia"},
		{"failover {\nrecord *.пример {" + p + "\n}", 2, "is written *.xn--e1afmkfd"},
		{"failover a" + long + " {" + p, 1, "expected a domain name"},
		{"failover *." + strings.Repeat(long+".", 3) + long[:60] + " {" + p, 1, "expected a domain name"},
		{"failover \"\" {" + p, 1, "is a variable not set?"},
		{"failover \"a b\" {" + p, 1, "has a space or newline"},
		{"failover example.org EXAMPLE.org. {" + p, 1, "ZONE EXAMPLE.org. is given twice"},

		// Records and their names.
		{"failover", 1, "record example.org. has no pool"},
		{"failover {\ncheck none\nrecord a {\nttl 5\n}\n}", 3, "record a.example.org. has no pool"},
		{"failover {\ncheck none\nrecord a\n}", 3, "record a.example.org. has no pool"},
		{"failover {\nprimary 192.0.2.1\n}", 1, "record example.org. has no check for pool primary"},
		{"failover {\nrecord a {\nprimary 192.0.2.1\n}\n}", 2, "record a.example.org. has no check for pool primary"},
		{"failover {\nprimary 192.0.2.1 {\ncheck none\n}\nsecondary 192.0.2.2\n}", 1, "has no check for pool secondary"},
		{"failover {\ncheck none\nrecord {\nprimary 192.0.2.1\n}\n}", 3, "record: missing argument"},
		{"failover {\nprimary 192.0.2.1\nrecord a {" + p + "\n}", 3, "expected either pools or records"},
		{"failover {\nrecord a {" + p + "\nprimary 192.0.2.1\n}", 6, "expected either pools or records"},
		{"failover {\nrecord a {\nrecord b {" + p + "\n}\n}", 3, `unknown property "record" of record`},
		{"failover *.example.org {\nrecord a {" + p + "\n}", 2, "expected a ZONE without an asterisk"},
		{"failover {\nrecord a*b {" + p + "\n}", 2, "record a*b: expected a name"},
		{"failover {\nrecord a.* {" + p + "\n}", 2, "record a.*: expected a name"},
		{"failover {\nrecord *.*.a {" + p + "\n}", 2, "record *.*.a: expected a name"},
		{"failover {\nrecord *a {" + p + "\n}", 2, "record *a: expected a name"},
		{"failover {\nrecord @. {" + p + "\n}", 2, "record @.: expected a name"},
		{"failover {\nrecord a.@ {" + p + "\n}", 2, "record a.@: expected a name"},
		{"failover {\nrecord a..b {" + p + "\n}", 2, "record a..b: expected a name"},
		{"failover {\nrecord a\\.b {" + p + "\n}", 2, "record a\\.b: expected a name"},
		{"failover {\nrecord 192.0.2.1 {" + p + "\n}", 2, "record 192.0.2.1: expected a name"},
		{"failover {\nrecord a" + long + " {" + p + "\n}", 2, "expected a name"},
		{"failover {\nrecord " + strings.Repeat(long+".", 3) + long[:52] + " {" + p + "\n}", 2, "too long"},
		{"failover . {\nrecord *." + strings.Repeat(long+".", 3) + long[:60] + ". {" + p + "\n}", 2, "too long"},
		{"failover {\nrecord a.example.net. {" + p + "\n}", 2, "a.example.net.: expected a name in the ZONE example.org., and it is outside"},
		{"failover {\nrecord notexample.org. {" + p + "\n}", 2, "outside"},
		{"failover {\nrecord org. {" + p + "\n}", 2, "outside"},
		{"failover {\nrecord a A {" + p + "\n}", 2, "duplicate record a.example.org.: it stands at Testfile:2"},
		{"failover {\nrecord a {" + p + "\nrecord a.example.org. {" + p + "\n}", 6, "duplicate record a.example.org.: it stands at Testfile:2"},
		{"failover {\nrecord @ {" + p + "\n}\nfailover {" + p, 7, "duplicate record example.org.: it stands at Testfile:2"},
		{"failover *.a.example.org {" + p + "\nfailover {\nrecord *.a {" + p + "\n}", 6, "duplicate record *.a.example.org."},

		// Both levels refuse what they do not know.
		{"failover {\nstear order\n}", 2, `unknown property "stear" of failover: expected one of all_down, api, check, ` +
			"ecs_from, failback, pool, primary, record, require, secondary, state, steer, ttl, witness"},
		{"failover {\nrecord a {\necs_from ::1\n}\n}", 3, `unknown property "ecs_from" of record: expected one of all_down`},
		{"failover {\n\"bearer s3cret\"\n}", 2, "a property of failover has a space or newline in it: a variable is one argument"},
		{"failover {\nfallthrough\n}", 2, `unknown property "fallthrough"`},
		{"failover {\n\"\" 1\n}", 2, "a property of failover is empty: is a variable not set?"},
		{"failover {\nrequire 2\ncheck tcp :1\nrecord a {" + p + "\n}", 2, "require 2: expected 1 at most"},
	}
	for _, test := range tests {
		_, err := Parse(controller(test.text))
		refused(t, test.text, err, test.line, test.phrase)
	}
}

func TestRefusesRecordProperties(t *testing.T) {
	tests := []struct{ property, phrase string }{
		{"ttl", "ttl: missing argument, expected ttl MAX [MIN]"},
		{"ttl 70000", "ttl 70000: expected a number from 0 to 65535"},
		{"ttl -1", "ttl -1: expected a number"},
		{"ttl +5", "ttl +5: expected a number"},
		{"ttl 5s", "ttl 5s: expected a number"},
		{"ttl 99999999999999999999", "expected a number"},
		{"ttl 30 5 1", "ttl: surplus argument 1, expected ttl MAX [MIN]"},
		{"ttl 5 6", "ttl 6: expected MIN to be a number from 0 to 5, which is MAX"},
		{"ttl 5 1s", "ttl 1s: expected MIN to be a number"},
		{"ttl 65536 5", "ttl 65536: expected a number from 0 to 65535"},
		{"ttl \"5 \"", `ttl: "5 " has a space or newline in it`},
		{"all_down nosuch", "all_down nosuch: expected one of all, next, nodata, primary, servfail, or a pool of record example.org., which has primary"},
		{"all_down secondary", "all_down secondary: expected one of"},
		{"all_down all next", "all_down: surplus argument next"},
		{"failback", "failback: missing argument, expected failback auto|after DURATION|manual"},
		{"failback never", "failback never: expected auto, after DURATION or manual"},
		{"failback auto 1m", "failback: surplus argument 1m, expected failback auto"},
		{"failback manual 1m", "failback: surplus argument 1m, expected failback manual"},
		{"failback after", "failback: missing argument after the word after, expected failback after DURATION"},
		{"failback after 0", "failback 0: expected a duration from 10ms to 168h"},
		{"failback after 169h", "failback 169h: expected a duration from 10ms to 168h"},
		{"failback after lunch", "failback lunch: expected a duration"},
		{"failback after 1m 2m", "failback: surplus argument 2m"},
		{"failback auto\nfailback manual", ""},
		{"steer", "steer: missing argument, expected steer order|latency [MARGIN]|weighted"},
		{"steer random", "steer random: expected order, latency or weighted"},
		{"steer order 20%", "steer: surplus argument 20%, expected steer order"},
		{"steer weighted 20%", "steer: surplus argument 20%, expected steer weighted"},
		{"steer latency 20", "steer 20: expected a percentage from 0% to 100%"},
		{"steer latency 101%", "steer 101%: expected a percentage from 0% to 100%"},
		{"steer latency 5% 5%", "steer: surplus argument 5%"},
		{"steer order\nsteer order", ""},
		{"ecs_from", "ecs_from: missing argument, expected ecs_from CIDR..."},
		{"ecs_from web", "ecs_from web: expected an IPv4 or IPv6 prefix such as 192.0.2.0/24, or an address"},
		{"ecs_from 192.0.2.0/33", "ecs_from 192.0.2.0/33: expected an IPv4 or IPv6 prefix"},
		{"ecs_from 192.0.2.0/24,192.0.3.0/24", "expected an IPv4 or IPv6 prefix"},
		{"ecs_from fe80::1%eth0", "expected an IPv4 or IPv6 prefix"},
		{"ecs_from ::ffff:192.0.2.1", "ecs_from ::ffff:192.0.2.1: expected the IPv4 prefix as such"},
		{"ecs_from ::ffff:192.0.2.0/120", "expected the IPv4 prefix as such"},
		{"ecs_from 192.0.2.1/24", "ecs_from 192.0.2.1/24: expected a prefix without bits after its length, write 192.0.2.0/24"},
		{"ecs_from ::1 ::1/128", "ecs_from ::1/128: expected each CIDR once, and it is given twice"},
		{"ecs_from ::1\necs_from ::2", ""},
		{"require 1 2", "require: surplus argument 2"},
		{"require 0", "require 0: expected all, any or a number"},
		{"require most", "require most: expected all, any or a number"},
		{"require 2", "require 2: expected 1 at most, the number of checks"},
		{"primary 192.0.2.2", "primary is given twice"},
		{"secondary", "pool secondary has no endpoint"},
		{"secondary {\n}", "pool secondary has no endpoint"},
		{"secondary next next", "duplicate endpoint next: pool secondary has it already"},
		{"secondary next 192.0.2.2", "endpoint 192.0.2.2: expected next to stand alone, and pool secondary has next already"},
		{"secondary a.example b.example next", "endpoint next: expected next to stand alone, and pool secondary has a.example. already"},
		{"secondary web", "secondary web: expected an address, next or a host name of two labels at least, as it is absolute"},
		{"secondary web.", "secondary web.: expected an address, next or a host name of two labels at least"},
		{"secondary *.example", "secondary *.example: expected an IPv4 or IPv6 address, a host name or next"},
		{"secondary a..example", "secondary a..example: expected an IPv4 or IPv6 address, a host name or next"},
		{"secondary bücher.example", "a host name or next; a name with other letters is written xn--bcher-kva.example"},
		{"witness bücher.example", "witness bücher.example: expected an IPv4 or IPv6 address, a host name or next; a name with other letters is written xn--bcher-kva.example"},
		{"witness 0.0.0.0", "witness 0.0.0.0: expected an address that a host can have"},
		{"secondary 0.0.0.0", "secondary 0.0.0.0: expected an address that a host can have"},
		{"secondary ::", "secondary ::: expected an address that a host can have"},
		{"secondary 224.0.0.1", "secondary 224.0.0.1: expected an address that a host can have"},
		{"secondary 239.255.255.255", "expected an address that a host can have"},
		{"secondary ff02::1", "secondary ff02::1: expected an address that a host can have"},
		{"secondary 255.255.255.255", "secondary 255.255.255.255: expected an address that a host can have"},
		{"secondary" + addresses("10.1.%d.%d", 4001), "pool secondary has 4001 addresses: expected no more than an answer of 64 KiB can carry, 4000 of IPv4 or 2285 of IPv6"},
		{"secondary" + addresses("2001:db8:%d::%d", 2286), "pool secondary has 2286 addresses"},
		{"secondary" + addresses("10.1.%d.%d", 2000) + addresses("2001:db8:%d::%d", 1143), "pool secondary has 3143 addresses"},
		{"secondary .", "secondary .: expected an IPv4 or IPv6 address, a host name or next"},
		{"secondary web.example.1", "secondary web.example.1: expected an IPv4 or IPv6 address, a host name or next"},
		{"secondary web.example:80", "a host name or next without a port; a port is written endpoint web.example port 80"},
		{"secondary a.example A.Example.", "duplicate endpoint a.example.: pool secondary has it already"},
		{"secondary example.org", "secondary example.org.: expected a host name that does not lead back to the record example.org."},
		{"secondary 192.0.2", "secondary 192.0.2: expected an IPv4 or IPv6 address, a host name or next"},
		{"secondary 192.0.2.1/24", "secondary 192.0.2.1/24: expected an IPv4 or IPv6 address"},
		{"secondary 192.0.2.1:80", "endpoint 192.0.2.1 port 80"},
		{"secondary [2001:db8::1]:80", "endpoint 2001:db8::1 port 80"},
		{"secondary ::ffff:192.0.2.1", "secondary ::ffff:192.0.2.1: expected the IPv4 address as such, write 192.0.2.1"},
		{"secondary fe80::1%eth0", "secondary fe80::1%eth0: expected an address without a zone id"},
		{"secondary 192.0.2.2 192.0.2.2", "duplicate endpoint 192.0.2.2: pool secondary has it already"},
		{"secondary 2001:db8::1 2001:DB8:0::1", "duplicate endpoint 2001:db8::1"},
		{"pool", "pool: missing argument, expected pool NAME"},
		{"pool x", "pool x has no endpoint"},
		{"pool 192.0.2.1", "pool 192.0.2.1: expected a NAME before the addresses"},
		{"pool 2001:db8::1 192.0.2.1", "expected a NAME before the addresses"},
		{"pool a/b 192.0.2.2", "pool a/b: expected a NAME of letters"},
		{"pool primary 192.0.2.2", "pool primary: expected a NAME that is not reserved"},
		{"pool secondary 192.0.2.2", "not reserved"},
		{"pool all 192.0.2.2", "not reserved"},
		{"pool nodata 192.0.2.2", "not reserved"},
		{"pool servfail 192.0.2.2", "not reserved"},
		{"pool next 192.0.2.2", "not reserved"},
		{"pool none 192.0.2.2", "not reserved"},
		{"check http", "check http: check none stands alone"},
		{"check none", "duplicate check none"},
		{"check ping", `unknown check type "ping": expected one of dns, exec, file, grpc, heartbeat, http, https, icmp, none, prometheus, tcp, tls, udp`},
		{"check", "check: missing argument"},
	}
	for _, test := range tests {
		text := inRecord(test.property)
		_, err := Parse(controller(text))
		if test.phrase == "" {
			refused(t, text, err, 5, " is given twice")
			continue
		}
		refused(t, text, err, 4, test.phrase)
	}
}

func TestRefusesPoolProperties(t *testing.T) {
	tests := []struct{ property, phrase string }{
		{"wait 1", `unknown property "wait" of pool primary: expected one of as, check, endpoint, min_healthy, panic, policy, prefer, require, svc_params, weight`},
		{"policy", "policy: missing argument"},
		{"policy ring", "policy ring: expected one of all, first, hash, random, round_robin, weighted"},
		{"policy random 4", "policy random 4: expected a number from 1 to 3"},
		{"policy hash 0", "policy hash 0: expected a number from 1 to 3"},
		{"policy weighted x", "policy weighted x: expected a number from 1 to 3"},
		{"panic", "panic: missing argument, expected panic N%"},
		{"panic 50", "panic 50: expected a percentage from 1% to 100%"},
		{"panic 0%", "panic 0%: expected a percentage from 1% to 100%"},
		{"panic 101%", "panic 101%: expected a percentage from 1% to 100%"},
		{"panic 5% 6%", "panic: surplus argument 6%"},
		{"weight -1", "weight -1: expected a number from 0 to 65535"},
		{"weight 65536", "weight 65536: expected a number from 0 to 65535"},
		{"weight 50%", "weight 50%: expected a number from 0 to 65535"},
		{"prefer", "prefer: missing argument, expected prefer EXPR"},
		{"prefer \"\"", "prefer: an argument is empty"},
		{"prefer (", "prefer (: expected an expression that is true or false: unexpected token EOF"},
		{"prefer client_ip()", "prefer client_ip(): expected an expression that is true or false: expected bool, but got string"},
		{"prefer 1 == 'x'", "expected an expression that is true or false: invalid operation: =="},
		{"prefer country() == 'DE'", "expected an expression that is true or false: unknown name country"},
		{"as", "as: missing argument, expected as cname"},
		{"as dname", "as dname: expected cname"},
		{"as cname", "as cname: expected one host name in pool primary, and it has 3 endpoints"},
		{"policy first 0", "policy first 0: expected a number from 1 to 3"},
		{"policy first 4", "policy first 4: expected a number from 1 to 3"},
		{"policy all 4", "policy all 4: expected a number from 1 to 3"},
		{"policy first 1 1", "policy: surplus argument 1"},
		{"min_healthy 0", "min_healthy 0: expected a number from 1 to 3, the endpoints of the pool, or 1% to 100%"},
		{"min_healthy 4", "min_healthy 4: expected a number from 1 to 3"},
		{"min_healthy 0%", "min_healthy 0%: expected a percentage from 1% to 100%"},
		{"min_healthy 101%", "min_healthy 101%: expected a percentage"},
		{"min_healthy 33.3%", "min_healthy 33.3%: expected a percentage"},
		{"min_healthy %", "min_healthy %: expected a percentage"},
		{"require 2", "require 2: expected 1 at most"},
		{"endpoint", "endpoint: missing argument"},
		{"endpoint web", "endpoint web: expected an address, next or a host name of two labels at least"},
		{"endpoint next", "endpoint next: expected next to stand alone, and pool primary has 192.0.2.1 already"},
		{"endpoint next weight 2", `unknown attribute "weight" of endpoint next: expected one of name, port`},
		{"endpoint next probe 192.0.2.9", `unknown attribute "probe" of endpoint next`},
		{"endpoint next disabled", `unknown attribute "disabled" of endpoint next`},
		{"endpoint a.example name 192.0.2.1", "duplicate endpoint name 192.0.2.1: 192.0.2.1 in pool primary has it already"},
		{"endpoint 192.0.2.4 weight 65536", "endpoint weight 65536: expected a number from 0 to 65535"},
		{"endpoint 192.0.2.4 weight", "endpoint 192.0.2.4: missing argument after weight"},
		{"endpoint 192.0.2.4 weight 1 weight 1", "endpoint 192.0.2.4: weight is given twice"},
		{"endpoint 192.0.2.3", "duplicate endpoint 192.0.2.3"},
		{"endpoint 192.0.2.4 name 192.0.2.1", "duplicate endpoint name 192.0.2.1"},
		{"endpoint 192.0.2.4 wait 2", `unknown attribute "wait" of endpoint 192.0.2.4: expected one of disabled, name, port, probe, weight`},
		{"endpoint 192.0.2.4 192.0.2.5", `unknown attribute "192.0.2.5" of endpoint 192.0.2.4`},
		{"endpoint 192.0.2.4 name", "endpoint 192.0.2.4: missing argument after name"},
		{"endpoint 192.0.2.4 name a name b", "endpoint 192.0.2.4: name is given twice"},
		{"endpoint 192.0.2.4 disabled disabled", "endpoint 192.0.2.4: disabled is given twice"},
		{"endpoint 192.0.2.4 name a\\b", "endpoint name a\\b: expected a word of ASCII"},
		{"endpoint 192.0.2.4 name a\"b", "expected a word of ASCII"},
		{"endpoint 192.0.2.4 name ä", "expected a word of ASCII"},
		{"endpoint 192.0.2.4 port 0", "endpoint port 0: expected a number from 1 to 65535"},
		{"endpoint 192.0.2.4 port 65536", "endpoint port 65536: expected a number from 1 to 65535"},
		{"endpoint 192.0.2.4 port http", "endpoint port http: expected a number"},
		{"endpoint 0.0.0.0 weight 2", "endpoint 0.0.0.0: expected an address that a host can have"},
		{"endpoint 192.0.2.4 probe 224.0.0.1", "endpoint probe 224.0.0.1: expected an address that a host can have"},
		{"endpoint 192.0.2.4 probe ::", "endpoint probe ::: expected an address that a host can have"},
		{"endpoint 192.0.2.4 probe web", "endpoint probe web: expected an IPv4 or IPv6 address"},
		{"endpoint 192.0.2.4 {\n}", "endpoint: unexpected '{'"},
		{"check none\nrequire any", ""},
	}
	for _, test := range tests {
		text := inPool(test.property)
		_, err := Parse(controller(text))
		if test.phrase == "" {
			if err != nil {
				t.Errorf("%s\nis refused: %v", text, err)
			}
			continue
		}
		refused(t, text, err, 4, test.phrase)
	}
}

// A count is checked when the whole pool has been read, and refused at its own line.
func TestRefusesAtTheLineOfTheProperty(t *testing.T) {
	tests := []struct {
		text   string
		line   int
		phrase string
	}{
		{"failover {\ncheck none\nprimary {\nmin_healthy 2\nendpoint 192.0.2.1\n}\n}", 4, "min_healthy 2"},
		{"failover {\ncheck none\nprimary {\npolicy first 2\nendpoint 192.0.2.1\n}\n}", 4, "policy first 2"},
		{"failover {\ncheck none\nprimary web.example.net {\nmin_healthy 257\n}\n}", 4,
			"min_healthy 257: expected a number from 1 to 256, the most that can be known of the pool"},
		{"failover {\ncheck none\nprimary next {\npolicy first 257\n}\n}", 4, "policy first 257: expected a number from 1 to 256"},
		{"failover {\ncheck none\nprimary {\npolicy weighted\nendpoint 192.0.2.1 weight 0\nendpoint 192.0.2.2 weight 0\n}\n}", 4,
			"policy weighted: expected an endpoint with a weight above 0 in pool primary"},
		{"failover {\ncheck none\nprimary {\npolicy hash 2\nendpoint 192.0.2.1 weight 0\nendpoint 192.0.2.2 weight 0\n}\n}", 4,
			"policy hash: expected an endpoint with a weight above 0"},
		{"failover {\nsteer weighted\ncheck none\nrecord a {\nprimary 192.0.2.1 {\nweight 0\n}\n}\n}", 2,
			"steer weighted: expected a pool of record a.example.org. with a weight above 0"},
		{"failover {\ncheck none\nprimary 192.0.2.1\nsecondary next\npool x next\n}", 5,
			"pool x: expected next in one pool of a record, and pool secondary has it already"},
		{"failover {\ncheck tcp\nprimary next\n}", 2, "endpoint next port N"},
		{"failover {\ncheck tcp\nprimary web.example.net\n}", 2, "endpoint web.example.net. port N"},
		{"failover {\ncheck none\nprimary {\nendpoint 192.0.2.1 name a\nendpoint 192.0.2.2 name a\n}\n}", 5, "duplicate endpoint name a"},
		{"failover {\ncheck none\nprimary {\nendpoint 192.0.2.1 disabled\n}\nsecondary {\nendpoint 192.0.2.2 disabled\n}\n}",
			1, "has no endpoint that is not disabled"},
		{"failover {\ncheck none\nrecord a {\nprimary {\nendpoint 192.0.2.1 disabled\n}\n}\n}", 3, "has no endpoint that is not disabled"},
		{"failover {\ncheck none\npool x 192.0.2.1\npool x 192.0.2.2\n}", 4, "pool x: expected a NAME that no other pool has"},
		{"failover {\nall_down spare\ncheck none\nrecord a {\nprimary 192.0.2.1\npool spare 192.0.2.2\n}\nrecord b {\nprimary 192.0.2.1\n}\n}",
			2, "a pool of record b.example.org., which has primary"},
		{"failover {\nall_down all\ncheck none\nprimary" + addresses("10.1.%d.%d", 4000) + "\nsecondary 192.0.2.2\n}", 2,
			"all_down all: the pools of record example.org. have too many addresses: expected no more"},
		{"failover {\ncheck tcp :1\nprimary 192.0.2.1 {\nrequire 2\n}\n}", 4, "require 2: expected 1 at most"},
		{"failover {\ncheck tcp :1\nrequire 2\ncheck http\nrecord a {\ncheck none\nrequire 2\nprimary 192.0.2.1\n}\n}", 7, "require 2: expected 1 at most"},
		{"failover {\ncheck tcp :1\nprimary {\nendpoint 192.0.2.1 disabled\nrequire 2\n}\nsecondary 192.0.2.2\n}", 5, "require 2: expected 1 at most"},
		{"failover {\nrecord a {\nrequire 2\ncheck tcp :1\nprimary 192.0.2.1 {\ncheck none\n}\n}\n}", 3, "require 2: expected 1 at most"},
		{"failover {\nprimary {\nendpoint 192.0.2.1 disabled\nrequire 2\ncheck tcp :1\n}\nsecondary 192.0.2.2\ncheck none\n}",
			4, "require 2: expected 1 at most"},
		{"failover {\nprimary 192.0.2.1\ncheck tcp\n}", 3, "check tcp: missing port, expected check tcp :PORT or endpoint 192.0.2.1 port N"},
		{"failover {\nprimary 192.0.2.1\ncheck udp\n}", 3, "check udp: missing port, expected check udp :PORT or endpoint 192.0.2.1 port N"},
		{"failover {\nprimary {\nendpoint 192.0.2.1 port 80\nendpoint 192.0.2.2\n}\ncheck tcp\n}", 6, "endpoint 192.0.2.2 port N"},
		{"failover *.example.org {\nprimary 192.0.2.1\ncheck http\n}", 3, "missing host, which must be set under the record *.example.org."},
		{"failover {\ncheck http 10.0.0.1\nrecord *.a {\nprimary 192.0.2.1\n}\n}", 2, "under the record *.a.example.org."},
		{"failover . {\nprimary 192.0.2.1\ncheck http\n}", 3, "missing host"},
		{"failover *.example.org {\nprimary 192.0.2.1\ncheck tls\n}", 3, "missing tls_server_name, which must be set under the record *.example.org."},
		{"failover {\ncheck tls 10.0.0.1\nrecord *.a {\nprimary 192.0.2.1\n}\n}", 2, "under the record *.a.example.org."},
		{"failover {\nprimary 192.0.2.1\ncheck tcp :80\ncheck tcp {endpoint}:80\n}", 4, "duplicate check tcp: it stands at line 3 already"},
		{"failover {\nprimary {\nendpoint 192.0.2.1 port 80\n}\ncheck tcp :80\ncheck tcp\n}", 6, "duplicate check tcp: it asks endpoint 192.0.2.1"},
		{"failover {\nprimary 192.0.2.1\ncheck http\ncheck http {\nhost example.org\n}\n}", 4, "duplicate check http"},
		{"failover {\nprimary 192.0.2.1\ncheck tcp :80\ncheck none\n}", 4, "check none stands alone"},
	}
	for _, test := range tests {
		_, err := Parse(controller(test.text))
		refused(t, test.text, err, test.line, test.phrase)
	}
}
