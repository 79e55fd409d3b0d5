package admin

import (
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coredns-failover/failover/test/kit"
)

// opened opens config, as a run of the Corefile does.
func opened(t *testing.T, s *Service, config Config) *Lease {
	t.Helper()
	lease, err := s.Open(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(lease.Close)
	return lease
}

// A connection that is open, and so the listener, outlives a reload that changes nothing
// of them. Other tokens hold for it at once.
func TestReloadKeepsTheListener(t *testing.T) {
	s, config := NewService(newBackend(t)), local(t)
	old := opened(t, s, config)
	conn, err := net.Dial("tcp", config.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	asks := func(want string) {
		t.Helper()
		if _, err := io.WriteString(conn, "GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 4096)
		n, _ := conn.Read(got)
		if !strings.HasPrefix(string(got[:n]), "HTTP/1.1 "+want) {
			t.Errorf("got %s, want %s", got[:n], want)
		}
	}
	asks("200")
	same := opened(t, s, config)
	old.Close()
	asks("200")

	locked := config
	locked.Tokens = []Token{{"s3cret", RoleRead, ""}}
	failed := opened(t, s, locked)
	asks("401")
	failed.Close() // as if the reload had failed later
	asks("200")

	next := opened(t, s, locked)
	same.Close()
	asks("401")
	next.Close()
	if _, err := net.Dial("tcp", config.Addr); err == nil {
		t.Error("the port is open after the last run has ended")
	}
	if n, _ := conn.Read(make([]byte, 1)); n > 0 {
		t.Error("so is the connection")
	}
}

func TestReloadMovesTheListener(t *testing.T) {
	s := NewService(newBackend(t))
	here, there := local(t), local(t)
	old := opened(t, s, here)
	moved := opened(t, s, there)
	clientOf(t, here).wants(healthIt, 200, "ok") // until the new servers serve
	clientOf(t, there).wants(healthIt, 200, "ok")
	old.Close()
	if _, err := net.Dial("tcp", here.Addr); err == nil {
		t.Error("the old port is open")
	}
	clientOf(t, there).wants(healthIt, 200, "ok")
	moved.Close()
}

func TestReloadSwitchesTLS(t *testing.T) {
	s, plain := NewService(newBackend(t)), local(t)
	old := opened(t, s, plain)
	before := clientOf(t, plain)
	before.wants(healthIt, 200, "ok")
	secure := plain
	secure.Cert, secure.Key = kit.NewAuthority(t).Sign(&x509.Certificate{DNSNames: []string{"a.example.org"}}, filepath.Join(t.TempDir(), "cert"))
	next := opened(t, s, secure)
	old.Close()
	before.wants(healthIt, 400, "older than the Corefile") // on the connection that it keeps
	clientOf(t, secure).wants(healthIt, 200, "ok")
	opened(t, s, plain)
	next.Close()
	clientOf(t, plain).wants(healthIt, 200, "ok")
}

func TestPortThatIsTaken(t *testing.T) {
	s, config := NewService(newBackend(t)), local(t)
	first := opened(t, s, config)
	_, err := NewService(newBackend(t)).Open(config)
	kit.WantError(t, err, "api: listen tcp "+config.Addr+": bind: address already in use")
	first.Close()
	opened(t, NewService(newBackend(t)), config)
}

func TestSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "api.sock")
	config := Config{Addr: "unix:" + path}
	s := NewService(newBackend(t))
	lease := opened(t, s, config)
	info, err := os.Lstat(path)
	if err != nil || info.Mode() != os.ModeSocket|0o600 {
		t.Fatalf("got %v, %v", info, err)
	}
	if files, _ := os.ReadDir(filepath.Dir(path)); len(files) != 1 {
		t.Errorf("the directory has %v", files)
	}
	clientOf(t, config).wants(healthIt, 200, "ok")
	_, err = NewService(newBackend(t)).Open(config)
	kit.WantError(t, err, "api: listen unix "+path+": address already in use")
	again := opened(t, s, config)
	lease.Close()
	clientOf(t, config).wants(healthIt, 200, "ok")
	again.Close()
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("the socket stays: %v", err)
	}
}

// A socket that a killed process left is replaced; a file that is none is not.
func TestStaleSocket(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "api.sock")
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	ln.SetUnlinkOnClose(false)
	ln.Close()
	opened(t, NewService(newBackend(t)), Config{Addr: "unix:" + path})
	clientOf(t, Config{Addr: "unix:" + path}).wants(healthIt, 200, "ok")

	file := filepath.Join(dir, "important")
	kit.Write(t, file, "text")
	_, err = NewService(newBackend(t)).Open(Config{Addr: "unix:" + file})
	kit.WantError(t, err, "api: listen unix "+file+": a file is there that is not a socket")
	if text, err := os.ReadFile(file); string(text) != "text" {
		t.Errorf("the file has %q, %v", text, err)
	}
	_, err = NewService(newBackend(t)).Open(Config{Addr: "unix:" + dir + "/no/s"})
	if err == nil || !strings.Contains(err.Error(), "api: listen unix "+dir+"/no/s: ") {
		t.Errorf("a directory that is not there: %v", err)
	}
}

// A file of TLS that is wrong fails the start, and what was open goes on.
func TestOpenFails(t *testing.T) {
	s, config := NewService(newBackend(t)), local(t)
	opened(t, s, config)
	wrong := config
	wrong.Cert, wrong.Key = "/nonexistent", "/nonexistent"
	_, err := s.Open(wrong)
	kit.WantError(t, err, "api: tls: stat /nonexistent: no such file or directory")
	resp, err := http.Get("http://" + config.Addr + "/v1/health")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
}
