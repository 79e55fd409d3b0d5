package peers

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A store is an etcd server.
type store struct {
	*program
	url string
}

func etcd(t *testing.T) *store {
	t.Helper()
	s := &store{url: "http://127.0.0.1:" + freePort(t)}
	peer := "http://127.0.0.1:" + freePort(t)
	s.program = start(t, find(t, "etcd"), "--data-dir", dir(t), "--log-level", "error", "--unsafe-no-fsync",
		"--listen-client-urls", s.url, "--advertise-client-urls", s.url,
		"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "default="+peer)
	for end := time.Now().Add(patience); ; <-time.After(20 * time.Millisecond) {
		err := s.post("/v3/kv/range", `{"key":"eA=="}`)
		if err == nil {
			return s
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

func (s *store) post(path, body string) error {
	c := http.Client{Timeout: 5 * time.Second}
	resp, err := c.Post(s.url+path, "application/json", bytes.NewBufferString(body))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(resp.Body)
		return fmt.Errorf("%s: %s: %s", path, resp.Status, text)
	}
	return nil
}

// put sets a key below /skydns/org/example, and removes it if value is "".
func (s *store) put(key, value string) {
	s.t.Helper()
	b64 := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	path, body := "/v3/kv/put", fmt.Sprintf(`{"key":%q,"value":%q}`, b64("/skydns/org/example/"+key), b64(value))
	if value == "" {
		path, body, _ = strings.Cut("/v3/kv/deleterange "+body, " ")
	}
	if err := s.post(path, strings.Replace(body, `,"value":""`, "", 1)); err != nil {
		s.t.Fatal(err)
	}
}

// Services in etcd, exact and below a wildcard.
func TestEtcd(t *testing.T) {
	for _, names := range [][2]string{{"app.example.org", "app.example.org"}, {"*.example.org", "app.example.org"}} {
		record, name := names[0], names[1]
		t.Run(record, func(t *testing.T) {
			e := etcd(t)
			e.put("app/one", `{"host":"127.0.1.1","ttl":1}`)
			e.put("app/two", `{"host":"127.0.1.2","ttl":1}`)
			s := tell(t, record, "example.org", "etcd example.org {\npath /skydns\nendpoint "+e.url+"\n}")
			s.fails(t, name)
			e.put("app/one", "")
			s.from(t, name, s.b)
			s.answers(t, name, "AAAA", "NOERROR")
			e.put("app/one", `{"host":"127.0.1.1","ttl":1}`)
			s.from(t, name, s.a, s.b)
			e.put("app/one", "")
			e.put("app/two", `{"host":"web.example.org","ttl":1}`)
			e.put("web", `{"host":"127.0.1.1","ttl":1}`)
			s.answers(t, name, "A", "NOERROR A 127.0.1.1 CNAME web.example.org.")
			e.signal(syscall.SIGSTOP)
			if record == name {
				s.logged(t, "app.example.org. cannot be looked up")
			}
			s.answers(t, name, "A", "NOERROR A 127.0.1.1 CNAME web.example.org.")
			s.a.sick.Store(true)
			s.from(t, name, s.c)
			e.signal(syscall.SIGCONT)
			s.a.sick.Store(false)
			s.answers(t, name, "A", "NOERROR A 127.0.1.1 CNAME web.example.org.")
		})
	}
}
