package corefile

import (
	"crypto/x509"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/coredns/coredns/core/dnsserver"

	"github.com/coredns-failover/failover/test/kit"
)

// inAPI returns a block with an API that has these properties, from line 3 on.
func inAPI(addr, properties string) string {
	return "failover {\napi " + addr + " {\n" + properties + "\n}\n}"
}

func TestParseAPI(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "token"), "s3cret")
	writePair(t, dir)
	tests := []struct {
		text string
		want API
	}{
		{"failover {\napi 127.0.0.1:8053\n}", API{Addr: "127.0.0.1:8053"}},
		{"failover {\napi [::1]:1\n}", API{Addr: "[::1]:1"}},
		{"failover {\napi localhost:65535\n}", API{Addr: "localhost:65535"}},
		{"failover {\napi unix:api.sock\n}", API{Addr: "unix:" + filepath.Join(dir, "api.sock")}},
		{inAPI("unix:/run/api.sock", "token a\ntoken b read\ntoken file:token heartbeat nightly-1\ntoken c write"), API{
			Addr: "unix:/run/api.sock",
			Tokens: []Token{
				{Secret: "a", Role: "write"}, {Secret: "b", Role: "read"},
				{Secret: "file:" + filepath.Join(dir, "token"), Role: "heartbeat", Heartbeat: "nightly-1"},
				{Secret: "c", Role: "write"},
			},
		}},
		{inAPI("0.0.0.0:8053", "tls cert.pem cert.key\ntoken a"), API{
			Addr: "0.0.0.0:8053", Tokens: []Token{{Secret: "a", Role: "write"}},
			Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "cert.key"),
		}},
		{inAPI("dns1.example.org:8053", "tls cert.pem cert.key cert.pem"), API{
			Addr: "dns1.example.org:8053",
			Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "cert.key"), ClientAuthority: filepath.Join(dir, "cert.pem"),
		}},
	}
	for _, test := range tests {
		c := controller(test.text)
		dnsserver.GetConfig(c).Root = dir
		config, err := Parse(c)
		if err != nil {
			t.Errorf("%s\nis refused: %v", test.text, err)
			continue
		}
		if got := config.Global.API; !reflect.DeepEqual(got, &test.want) {
			t.Errorf("%s\ngot  %+v\nwant %+v", test.text, got, test.want)
		}
	}
}

func TestRefusesAPI(t *testing.T) {
	dir := t.TempDir()
	cert, key := writePair(t, dir)
	empty := filepath.Join(dir, "empty")
	writeFile(t, empty, "")
	const open = "expected tls, and a token or CLIENT_CA, for an address that is not loopback"
	pair := "tls " + cert + " " + key
	tests := []struct {
		text   string
		line   int
		phrase string
	}{
		{"failover {\napi\n}", 2, "api: missing argument, expected api ADDR [{...}]"},
		{"failover {\napi a:1 b:1\n}", 2, "api: surplus argument b:1"},
		{"failover {\napi 127.0.0.1\n}", 2, "api 127.0.0.1: expected HOST:PORT or unix:PATH"},
		{"failover {\napi :8053\n}", 2, "api :8053: expected HOST:PORT or unix:PATH"},
		{"failover {\napi 127.0.0.1:0\n}", 2, "expected HOST:PORT or unix:PATH"},
		{"failover {\napi 127.0.0.1:65536\n}", 2, "expected HOST:PORT or unix:PATH"},
		{"failover {\napi 127.0.0.1:http\n}", 2, "expected HOST:PORT or unix:PATH"},
		{"failover {\napi unix:\n}", 2, "api unix:: expected HOST:PORT or unix:PATH"},
		{"failover {\napi 192.0.2.1:8053\n}", 2, "api 192.0.2.1:8053: " + open},
		{"failover {\napi 0.0.0.0:8053\n}", 2, open},
		{"failover {\napi [::]:8053\n}", 2, open},
		{"failover {\napi dns1.example.org:8053\n}", 2, open},
		{inAPI("192.0.2.1:8053", "token s3cret"), 2, open},
		{inAPI("192.0.2.1:8053", pair), 2, open},
		{inAPI("127.0.0.1:1", "color red"), 3, `unknown property "color" of api: expected one of tls, token`},
		{inAPI("127.0.0.1:1", "token"), 3, "token: missing argument, expected token TOKEN [read|write|heartbeat NAME]"},
		{inAPI("127.0.0.1:1", "token \"\""), 3, "token: an argument is empty"},
		{inAPI("127.0.0.1:1", "token s3cret admin"), 3, "token: expected token TOKEN [read|write|heartbeat NAME]"},
		{inAPI("127.0.0.1:1", "token s3cret heartbeat"), 3, "token: expected token TOKEN"},
		{inAPI("127.0.0.1:1", "token s3cret read s3cret"), 3, "token: expected token TOKEN"},
		{inAPI("127.0.0.1:1", "token s3cret heartbeat a s3cret"), 3, "token: surplus argument, expected token TOKEN"},
		{inAPI("127.0.0.1:1", "token s3cret heartbeat a/b"), 3, "heartbeat a/b: expected a name of letters, digits, '-', '_' and '.'"},
		{inAPI("127.0.0.1:1", "token s3cret heartbeat .."), 3, "heartbeat ..: expected a name"},
		{inAPI("127.0.0.1:1", "token s3cret\ntoken s3cret read"), 4, "token: expected each TOKEN once"},
		{inAPI("127.0.0.1:1", "token file:"+empty+"/no"), 3, "token: expected a file that can be read"},
		{inAPI("127.0.0.1:1", "tls "+cert), 3, "tls: missing argument, expected tls CERT KEY [CLIENT_CA]"},
		{inAPI("127.0.0.1:1", pair+" a b"), 3, "tls: surplus argument b"},
		{inAPI("127.0.0.1:1", pair+"\n"+pair), 4, "tls is given twice"},
		{inAPI("127.0.0.1:1", "tls "+cert+" "+cert), 3, "tls: expected a certificate and its key"},
		{inAPI("127.0.0.1:1", "tls "+empty+" "+empty), 3, "tls: expected a certificate and its key"},
		{inAPI("127.0.0.1:1", "tls "+cert+" "+dir), 3, "tls: expected a file that can be read: " + dir + ": not a regular file"},
		{inAPI("127.0.0.1:1", pair+" "+empty), 3, "tls " + empty + ": expected a file of PEM certificates"},
		{"failover {\napi 127.0.0.1:1\napi 127.0.0.1:2\n}", 3, "api is given twice"},
		{"failover {\nrecord a {\napi 127.0.0.1:1\n}\n}", 3, `unknown property "api" of record`},
	}
	for _, test := range tests {
		_, err := Parse(controller(test.text))
		refused(t, test.text, err, test.line, test.phrase)
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s\nis refused with its secret: %v", test.text, err)
		}
	}
}

// An API is of the process: a second server block may not have another.
func TestAPIIsOfTheProcess(t *testing.T) {
	const text = "failover {\napi 127.0.0.1:1\n}"
	_, err := blocks(text, text)
	refused(t, text, err, 2, "api is given twice: it stands at Testfile:2 already")
	configs, err := blocks("failover {\nprimary 192.0.2.1\ncheck none\n}", text)
	if err != nil || configs[0].Global.API == nil {
		t.Errorf("the block before it has %+v, %v", configs, err)
	}
}

// Beats come in by the API of any server block, so that only all of them show that there
// is none.
func TestHeartbeatNeedsAPI(t *testing.T) {
	for name, text := range map[string]string{
		"of a block":   "failover {\ncheck heartbeat nightly\nprimary 192.0.2.1\n}",
		"of a record":  "failover {\nrecord a {\nprimary 192.0.2.1\ncheck heartbeat nightly\n}\n}",
		"of a pool":    "failover {\nprimary 192.0.2.1 {\ncheck heartbeat nightly\n}\n}",
		"of a witness": "failover {\nwitness 192.0.2.1 {\ncheck heartbeat nightly\n}\n}",
	} {
		configs, err := blocks(text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		line := strings.Count(text[:strings.Index(text, "check heartbeat")], "\n") + 1
		refused(t, text, configs[0].Global.Validate(), line, "check heartbeat nightly: expected the property api")
		configs, err = blocks(text, "failover {\napi unix:/run/api.sock\n}")
		if err != nil {
			t.Fatal(err)
		}
		if err := configs[0].Global.Validate(); err != nil {
			t.Errorf("%s: with an api: %v", name, err)
		}
		if got := configs[0].Global.Heartbeats(); len(got) != 1 || got[0] != "nightly" {
			t.Errorf("%s: the heartbeats are %q", name, got)
		}
	}
}

// writePair writes a certificate and its key, and returns their paths.
func writePair(t *testing.T, dir string) (cert, key string) {
	t.Helper()
	return kit.NewAuthority(t).Sign(&x509.Certificate{DNSNames: []string{"dns1.example.org"}}, filepath.Join(dir, "cert"))
}
