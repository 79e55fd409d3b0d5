package corefile

import (
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

func TestSvcParams(t *testing.T) {
	for text, want := range map[string]string{
		"alpn=h3,h2 port=8443":                      `alpn="h3,h2" port="8443"`,
		"ech=":                                      `ech removed`,
		"ech=AEX+DQ==":                              `ech="AEX+DQ=="`,
		"no-default-alpn alpn=h3":                   `alpn="h3" no-default-alpn=""`,
		"no-default-alpn= alpn= mandatory=port":     `mandatory="port" alpn removed no-default-alpn removed`,
		"dohpath=/q{?dns} ohttp":                    `dohpath="/q{?dns}" ohttp=""`,
		"mandatory=alpn,ipv4hint alpn=h2\\\\\\,x,y": `mandatory="alpn,ipv4hint" alpn="h2\\\044x,y"`,
	} {
		config, err := Parse(controller(inPool("svc_params " + text)))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		var got []string
		params := config.Records[0].Pools[0].SvcParams
		for _, name := range []string{"mandatory", "alpn", "no-default-alpn", "port", "ech", "dohpath", "ohttp"} {
			v, ok := params[svcKeys[name]]
			switch {
			case ok && v == nil:
				got = append(got, name+" removed")
			case ok:
				got = append(got, name+`="`+v.String()+`"`)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %s, want %s", text, strings.Join(got, " "), want)
		}
	}
}

func TestRefusesSvcParams(t *testing.T) {
	for text, phrase := range map[string]string{
		"svc_params":                          "svc_params: missing argument",
		"svc_params ipv4hint=192.0.2.1":       "svc_params ipv4hint=192.0.2.1: expected one of alpn, dohpath, ech, mandatory, no-default-alpn, ohttp, port",
		"svc_params ipv6hint=":                "svc_params ipv6hint=: expected one of",
		"svc_params key65400=x":               "svc_params key65400=x: expected one of",
		"svc_params ALPN=h2":                  "svc_params ALPN=h2: expected one of",
		"svc_params =h2":                      "svc_params =h2: expected one of",
		"svc_params alpn=h2 alpn=":            "svc_params: alpn is given twice",
		"svc_params alpn":                     "svc_params alpn: expected alpn as it stands in a zone file",
		"svc_params ech":                      "svc_params ech: expected ech",
		"svc_params mandatory":                "svc_params mandatory: expected mandatory",
		"svc_params alpn=h2,":                 "svc_params alpn=h2,: expected alpn",
		"svc_params ech=?":                    "svc_params ech=?: expected ech",
		"svc_params port=0":                   "svc_params port=0: expected port",
		"svc_params port=65536":               "svc_params port=65536: expected port",
		"svc_params no-default-alpn=x":        "svc_params no-default-alpn=x: expected",
		"svc_params ohttp=x":                  "svc_params ohttp=x: expected",
		`svc_params "alpn=h2 port=1"`:         "expected alpn",
		`svc_params "alpn=h2\" port=\"1"`:     "expected alpn",
		`svc_params alpn=h2\`:                 "expected alpn",
		"svc_params alpn= no-default-alpn":    "svc_params no-default-alpn: expected alpn beside it",
		"svc_params mandatory=mandatory":      "svc_params mandatory=mandatory: expected each key once",
		"svc_params mandatory=alpn,alpn":      "svc_params mandatory=alpn,alpn: expected each key once",
		"svc_params mandatory=x":              "expected each key once",
		"svc_params mandatory=key65400":       "expected each key once",
		"svc_params mandatory=alpn alpn=":     "expected each key once",
		"svc_params alpn=h2\nsvc_params ech=": "svc_params is given twice",
	} {
		_, err := Parse(controller(inPool(text)))
		if err == nil || !strings.Contains(err.Error(), phrase) {
			t.Errorf("%s: got %v, want %q", text, err, phrase)
		}
	}
}

// Every key that the DNS library knows can be set, except the hints.
func TestSvcKeys(t *testing.T) {
	hints := []dns.SVCBKey{dns.SVCB_IPV4HINT, dns.SVCB_IPV6HINT}
	for key := range dns.SVCBKey(100) {
		name := key.String()
		if _, ok := svcKeys[name]; ok == (strings.HasPrefix(name, "key") || slices.Contains(hints, key)) {
			t.Errorf("%s can be set: %t", name, ok)
		}
	}
}
