package check_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/coredns/coredns/core/dnsserver"

	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/corefile"
	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

// No refusal shows what may be a secret.
func TestRefusalsHideSecrets(t *testing.T) {
	tests := []struct{ property, phrase string }{
		{"bearer s3cret s3cret", "bearer: surplus argument"},
		{"bearer \"s3cret s3cret\"", "bearer: an argument has a space or newline in it"},
		{"bearer \"\"", "bearer: an argument is empty"},
		{"bearer \x01s3cret", "bearer: TOKEN has a newline or another control character"},
		{"basic_auth s3cret", "basic_auth: missing argument"},
		{"basic_auth s3cret s3cret s3cret", "basic_auth: surplus argument"},
		{"basic_auth s3:cret s3cret", "basic_auth: expected USER without colons"},
		{"basic_auth me \"s3cret\ns3cret\"", "basic_auth: PASSWORD has a newline"},
		{"basic_auth me \"\"", "basic_auth: an argument is empty"},
		{"header X-Key", "header: missing argument"},
		{"header X-Key s3cret s3cret", "header: surplus argument"},
		{"header X-Key \"s3cret\nX: s3cret\"", "header: the value of X-Key has a newline"},
		{"header X-Key \" \"", "header: the value of X-Key is empty"},
		{"header X-Key: s3cret", "header: NAME is not the name of a header"},
		{"header \"X s3cret\" 1", "header: NAME is not the name of a header"},
		{"header host s3cret", "header Host: expected the property host NAME[:PORT]"},
		{"payload s3cret s3cret", "payload: surplus argument, expected payload TEXT"},
		{"payload {\"pin\": \"s3cret\"}", syntax.ErrBraces},
		{"payload \"\"", "payload: an argument is empty"},
		{"bearer s3cret {\n}", "bearer: unexpected '{'"},
		{"baerer s3cret", `unknown property "baerer" of check http`},
	}
	for _, test := range tests {
		text := inCheck("check http", test.property)
		_, err := corefile.Parse(controller(text))
		refused(t, text, err, 4, test.phrase)
		if err != nil && strings.Contains(err.Error(), "cret") {
			t.Errorf("%s\nis refused with its secret: %v", text, err)
		}
	}
}

// An ARG is often copied from a URL, which may contain a password.
func TestRefusesUserInARG(t *testing.T) {
	for _, arg := range []string{
		"http http://me:s3cret@web/", "http me:s3cret@web/", "https s3cret@web:80", "tcp redis://:s3cret@192.0.2.1:6379",
	} {
		text := inCheck("check "+arg, "")
		_, err := corefile.Parse(controller(text))
		refused(t, text, err, 3, "expected [HOST][:PORT][PATH] without user and password")
		if err != nil && strings.Contains(err.Error(), "cret") {
			t.Errorf("%s\nis refused with its secret: %v", text, err)
		}
	}
	mustParse(t, inCheck("check http /users/@me", ""))
}

func TestRefusesTwoWaysToAuthenticate(t *testing.T) {
	const bearer, basic, header = "bearer a", "basic_auth a b", "header authorization a"
	for _, ways := range [][2]string{{bearer, basic}, {basic, bearer}, {header, bearer}, {bearer, header}, {basic, header}} {
		text := inCheck("check http", ways[0]+"\n"+ways[1])
		_, err := corefile.Parse(controller(text))
		refused(t, text, err, 5, "expected one of basic_auth, bearer and header Authorization")
	}
}

// A secret in a file is kept as the file's name, absolute if root is set.
func TestSecretsInFiles(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "token"), "s3cret")
	for _, path := range []string{"token", filepath.Join(dir, "token")} {
		c := controller(inCheck("check http", "bearer file:"+path+"\nheader X-Key file:"+path))
		dnsserver.GetConfig(c).Root = dir
		config, err := corefile.Parse(c)
		if err != nil {
			t.Fatal(err)
		}
		got := config.Records[0].Pools[0].Endpoints[0].Checks[0].Spec.Check.(probe.HTTP)
		want := "file:" + filepath.Join(dir, "token")
		if got.Bearer != want || got.Headers != "X-Key: "+want {
			t.Errorf("got bearer %q and headers %q, want %q", got.Bearer, got.Headers, want)
		}
	}
}

func TestRefusesUnreadableFiles(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	writeFile(t, empty, "")
	missing := filepath.Join(dir, "missing")
	tests := []struct{ property, phrase string }{
		{"bearer file:" + missing, "bearer: expected a file that can be read: " + missing + ": no such file"},
		{"bearer file:", "bearer: expected the name of a file"},
		{"bearer file:" + dir, "not a regular file"},
		{"basic_auth me file:" + missing, "basic_auth: expected a file that can be read"},
		{"header X-Key file:" + missing, "header: expected a file that can be read"},
		{"tls_ca " + missing, "tls_ca: expected a file that can be read: " + missing},
		{"tls_ca " + empty, "tls_ca " + empty + ": expected a file of PEM certificates"},
		{"tls_cert " + empty, "tls_cert: missing argument, expected tls_cert FILE KEY"},
		{"tls_cert " + missing + " " + empty, "tls_cert: expected a file that can be read: " + missing},
		{"tls_cert " + empty + " " + missing, "tls_cert: expected a file that can be read: " + missing},
		{"tls_cert " + empty + " " + empty, "expected a certificate and its key"},
	}
	for _, test := range tests {
		text := inCheck("check https", test.property)
		_, err := corefile.Parse(controller(text))
		refused(t, text, err, 4, test.phrase)
	}
}
