package browser

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// A site is a server whose API the browser shows.
type site struct{ api string }

// freePort returns a port of loopback that nobody uses.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

var built struct {
	sync.Once
	dir string
	err error
}

// server returns the path of the server, which is built once.
func server(t *testing.T) string {
	t.Helper()
	built.Do(func() {
		cmd := exec.Command("go", "build", "-o", filepath.Join(built.dir, "coredns"), "./cmd/coredns")
		cmd.Dir = "../.."
		cmd.Env = append(os.Environ(), "GOWORK=") // the one of the repository
		if out, err := cmd.CombinedOutput(); err != nil {
			built.err = fmt.Errorf("%w\n%s", err, out)
		}
	})
	if built.err != nil {
		t.Fatalf("building the server: %v", built.err)
	}
	return filepath.Join(built.dir, "coredns")
}

func TestMain(m *testing.M) {
	var err error
	if built.dir, err = os.MkdirTemp("", "failover-browser-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(built.dir)
	os.Exit(code)
}

// startSite starts a server with a record that is ok, one that has failed over, one that is
// degraded and has a long name, and overrides whose reasons are markup.
func startSite(t *testing.T) *site {
	t.Helper()
	dir, binary := t.TempDir(), server(t)
	dns, api := freePort(t), freePort(t)
	long := strings.Repeat("a-long-label-without-any-space.", 6)
	corefile := fmt.Sprintf(`example.org:%d {
		bind 127.0.0.1
		failover example.org {
			api 127.0.0.1:%d
			check tcp :%d {
				interval 100ms
				fall 2
			}
			record app {
				primary 127.0.0.1
				secondary 127.0.0.2
			}
			record shop {
				primary 127.0.0.3
				secondary 127.0.0.1
			}
			record %sdown {
				primary 127.0.0.3 127.0.0.4
				secondary 127.0.0.2
			}
		}
	}`, dns, api, dns, long)
	path := filepath.Join(dir, "Corefile")
	if err := os.WriteFile(path, []byte(corefile), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "-conf", path)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	s := &site{api: fmt.Sprintf("http://127.0.0.1:%d", api)}
	s.waitFor(t, `"degraded":1`)
	s.override(t, `{"record":"app.example.org","pool":"secondary","action":"drain","reason":"<b>markup</b> & \"quotes\""}`)
	return s
}

// waitFor returns once the status has the text.
func (s *site) waitFor(t *testing.T, text string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		resp, err := http.Get(s.api + "/v1/status")
		if err != nil {
			continue
		}
		var raw json.RawMessage
		err = json.NewDecoder(resp.Body).Decode(&raw)
		resp.Body.Close()
		if err == nil && strings.Contains(string(raw), text) {
			return
		}
	}
	t.Fatalf("the status never has %s", text)
}

func (s *site) override(t *testing.T, change string) {
	t.Helper()
	resp, err := http.Post(s.api+"/v1/overrides", "application/json", strings.NewReader(`{"changes":[`+change+`]}`))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", change, resp.Status)
	}
}
