package admin

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coredns-failover/failover/test/kit"
)

const (
	readIt   = "GET /v1/status"
	writeIt  = `POST /v1/overrides {"changes":[{"address":"192.0.2.7","action":"down","reason":"r"}]}`
	beatIt   = "POST /v1/heartbeats/nightly"
	healthIt = "GET /v1/health"
)

// An API without credentials lets all in that can reach it.
func TestOpenAccess(t *testing.T) {
	socket := Config{Addr: "unix:" + filepath.Join(t.TempDir(), "s")}
	for want, config := range map[string]Config{"loopback": local(t), "socket": socket} {
		c := serve(t, newBackend(t, "app.example.org."), config)
		c.wants(readIt, 200, `"version":"v1"`)
		c.wants(healthIt, 200, `{"status":"ok"}`)
		c.wants(writeIt, 200, `"actor":"`+want+`"`)
		c.wants(beatIt, 204, "")
	}
}

func TestTokens(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "token")
	kit.Write(t, file, "fromfile\n")
	kit.Age(t, file)
	c := serve(t, newBackend(t), local(t, Token{"w0rd", RoleWrite, ""}, Token{"re4d", RoleRead, ""}, Token{"b3at", RoleHeartbeat, "nightly"},
		Token{"oth3r", RoleHeartbeat, "weekly"}, Token{"file:" + file, RoleRead, ""}))
	type statuses struct{ read, write, beat, nothing int }
	tests := map[string]statuses{
		"":                    {401, 401, 401, 401},
		"Bearer":              {401, 401, 401, 401},
		"Bearer ":             {401, 401, 401, 401},
		"Bearer wrong":        {401, 401, 401, 401},
		"Bearer w0rd":         {200, 200, 204, 404},
		"bearer  w0rd":        {200, 200, 204, 404},
		"Bearer w0rdx":        {401, 401, 401, 401},
		"w0rd":                {401, 401, 401, 401},
		"Bearer re4d":         {200, 403, 403, 404},
		"Bearer fromfile":     {200, 403, 403, 404},
		"Bearer b3at":         {403, 403, 204, 404},
		"Bearer oth3r":        {403, 403, 403, 404},
		"Bearer file:" + file: {401, 401, 401, 401},
		basic("me", "w0rd"):   {200, 403, 403, 404},
		basic("", "re4d"):     {200, 403, 403, 404},
		basic("me", "b3at"):   {403, 403, 403, 404},
		basic("w0rd", ""):     {401, 401, 401, 401},
		basic("me", "wrong"):  {401, 401, 401, 401},
	}
	for header, want := range tests {
		c := c.with("Authorization: " + header)
		c.wants(healthIt, 200, "ok")
		for request, status := range map[string]int{readIt: want.read, writeIt: want.write, beatIt: want.beat, "GET /v1/nothing": want.nothing, "GET /v1%2Fhealth": want.nothing} {
			if resp, body := c.call(request); resp.StatusCode != status {
				t.Errorf("%q: %s: got %d %s, want %d", header, request, resp.StatusCode, body, status)
			} else if got := len(resp.Header["Www-Authenticate"]); (status == 401) != (got == 2) {
				t.Errorf("%q: %s: %d with %d WWW-Authenticate", header, request, status, got)
			}
		}
	}
	c.token("w0rd").wants(`POST /v1/overrides {"changes":[{"address":"192.0.2.7","action":"up","reason":"r","author":"ann"}]}`, 200, `"actor":"write ann"`)
	c.token("b3at").wants("POST /v1/heartbeats/nightl%79", 204, "")
	c.token("b3at").wants("POST /v1/heartbeats/nightly/../weekly", 404, "")
	c.token("b3at").wants("POST /v1/heartbeats/nightly%2F..%2Fweekly", 403, "")

	kit.Write(t, file, "rotated")
	c.token("fromfile").wants(readIt, 401, "")
	c.token("rotated").wants(readIt, 200, "")
}

func basic(user, password string) string {
	r := &http.Request{Header: http.Header{}}
	r.SetBasicAuth(user, password)
	return r.Header.Get("Authorization")
}

func TestTokenFileMustBeReadable(t *testing.T) {
	_, err := NewService(newBackend(t)).Open(local(t, Token{"file:/nonexistent", RoleRead, ""}))
	kit.WantError(t, err, "api: token: stat /nonexistent: no such file or directory")
}

// Files of TLS are read again when they change, for connections that are open too.
func TestClientCertificates(t *testing.T) {
	dir := t.TempDir()
	ours, theirs := kit.NewAuthority(t), kit.NewAuthority(t)
	server, operator, stranger, wrongUse := filepath.Join(dir, "server"), filepath.Join(dir, "client"), filepath.Join(dir, "stranger"), filepath.Join(dir, "use")
	config := local(t, Token{"re4d", RoleRead, ""})
	config.Cert, config.Key = ours.Sign(&x509.Certificate{DNSNames: []string{"dns1.example.org", "*.apps.example.org"}}, server)
	config.ClientCA = ours.Path
	forClients := []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	subject := pkix.Name{CommonName: "ann", Organization: []string{"ops"}}
	ours.Sign(&x509.Certificate{Subject: subject, ExtKeyUsage: forClients}, operator)
	ours.Sign(&x509.Certificate{Subject: subject, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, wrongUse)
	theirs.Sign(&x509.Certificate{Subject: subject, ExtKeyUsage: forClients}, stranger)
	serve(t, newBackend(t), config)
	as := func(path string) *client {
		other := clientOf(t, config)
		if path != "" {
			cert, err := tls.LoadX509KeyPair(path+".pem", path+".key")
			if err != nil {
				t.Fatal(err)
			}
			other.Transport.(*http.Transport).TLSClientConfig.Certificates = []tls.Certificate{cert}
		}
		return other
	}
	ann := as(operator)
	ann.wants(writeIt, 200, `"actor":"CN=ann,O=ops"`)
	as("").wants(readIt, 401, "")
	as("").wants(healthIt, 200, "")
	as("").token("re4d").wants(readIt, 200, "")
	as(stranger).wants(readIt, 401, "")
	as(stranger).token("re4d").wants(readIt, 200, "")
	as(wrongUse).wants(readIt, 401, "")

	for host, status := range map[string]int{
		"dns1.example.org": 200, "DNS1.example.org.:8053": 200, "a.apps.example.org": 200, "apps.example.org": 403,
		"a.b.apps.example.org": 403, "example.org": 403, "192.0.2.1": 200, "[2001:db8::1]:8053": 200,
	} {
		ann.with("Host: "+host).wants(readIt, status, "")
	}

	resp, _ := ann.call(readIt)
	before := resp.TLS.PeerCertificates[0].SerialNumber
	ours.Sign(&x509.Certificate{DNSNames: []string{"dns2.example.org"}}, server)
	resp, _ = as(operator).call(readIt)
	if resp.TLS.PeerCertificates[0].SerialNumber.Cmp(before) == 0 {
		t.Error("the certificate is still the one before")
	}
	ann.with("Host: dns2.example.org").wants(readIt, 200, "")
	ann.with("Host: dns1.example.org").wants(readIt, 403, "")

	// Another authority is in the same file: whom the one before signed is out, although
	// the connection stays.
	ca, err := os.ReadFile(theirs.Path)
	if err != nil {
		t.Fatal(err)
	}
	kit.Write(t, ours.Path, string(ca))
	ann.wants(readIt, 401, "")
	as(stranger).wants(writeIt, 200, "")
}

// A page of somebody else sends requests to this server by a name that leads here, or
// with an origin of its own.
func TestBrowsersOfOthers(t *testing.T) {
	c := serve(t, newBackend(t, "app.example.org."), local(t))
	for host, status := range map[string]int{
		"evil.example": 403, "evil.example:8053": 403, "localhost.evil.example": 403, "127.0.0.1.evil.example": 403, "": 200,
		"localhost": 200, "LOCALHOST:8053": 200, "localhost.": 200, "127.0.0.1": 200, "127.0.0.1:1": 200, "[::1]:8053": 200, "[::1]": 200, "10.1.2.3": 200,
	} {
		c.with("Host: "+host).wants(readIt, status, "")
		c.with("Host: "+host).wants(healthIt, status, "")
	}
	for header, status := range map[string]int{
		"Origin: http://evil.example": 403, "Origin: null": 403, "Sec-Fetch-Site: cross-site": 403, "Sec-Fetch-Site: same-site": 403,
		"Sec-Fetch-Site: same-origin": 200, "Sec-Fetch-Site: none": 200, "Origin: " + c.url: 200,
	} {
		c.with(header).wants(writeIt, status, "")
	}
	resp, _ := c.with("Origin: http://evil.example").call(readIt)
	for name := range resp.Header {
		if strings.HasPrefix(name, "Access-Control") {
			t.Errorf("the answer has %s", name)
		}
	}
	for header := range map[string]bool{"Content-Type: text/plain": true, "Content-Type: application/x-www-form-urlencoded": true, "Content-Type: multipart/form-data; boundary=x": true, "Content-Type: ": true} {
		c.with(header).wants(writeIt, 415, "expected Content-Type: application/json")
		c.with(header).wants(beatIt, 415, "")
		c.with(header).wants("POST /v1/records/app.example.org/release", 415, "")
	}
	c.with("Content-Type: ").wants("DELETE /v1/overrides/no", 404, "")
	c.with("Content-Type: application/json; charset=utf-8").wants(writeIt, 200, "")
	if got := serve(t, newBackend(t), Config{Addr: "unix:" + filepath.Join(t.TempDir(), "s")}); got != nil {
		got.with("Host: evil.example").wants(readIt, 200, "")
	}
}
