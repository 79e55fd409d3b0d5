package peers

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// binaryEnv has the path of the server, for tests that run in a process of another test.
const binaryEnv = "PEERS_SERVER"

// built returns the path of the server, which is built once for all tests.
var built = sync.OnceValues(func() (string, error) {
	if path := os.Getenv(binaryEnv); path != "" {
		return path, nil
	}
	d, err := os.MkdirTemp("", "peers")
	if err != nil {
		return "", err
	}
	made = d
	path := filepath.Join(d, "coredns")
	cmd := exec.Command("go", "build", "-o", path, "./cmd/coredns")
	cmd.Dir = "../.."
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return "", err
	}
	os.Setenv(binaryEnv, path)
	return path, os.Chmod(d, 0o755) // #nosec G302 -- programs run as another user
})

// made is the directory of the server, or "" if it is not built.
var made string

func TestMain(m *testing.M) {
	code := m.Run()
	os.RemoveAll(made)
	os.Exit(code)
}

// A server is the server under test with a Corefile.
type server struct {
	*program
	addr string
}

// startServer starts the server with a Corefile in a directory of its own, in which
// $port stands for its port, and waits until it answers.
func startServer(t *testing.T, corefile string) *server {
	t.Helper()
	return runServer(t, corefile, command)
}

// runServer does the same with a function that makes its command.
func runServer(t *testing.T, corefile string, command func(path string, args ...string) *exec.Cmd) *server {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	text := strings.ReplaceAll(corefile, "$port", port)
	p := run(t, command(path, "-conf", write(t, dir(t)+"/Corefile", text)))
	s := &server{program: p, addr: "127.0.0.1:" + port}
	s.becomes(t, "up", func() string {
		select {
		case <-p.done:
			t.Fatal("the server has ended")
		default:
		}
		if _, err := s.query("version.bind.", "TXT"); err != nil {
			return err.Error()
		}
		return "up"
	})
	return s
}

// query sends a query over UDP.
func (s *server) query(name, qtype string) (*dns.Msg, error) {
	m := new(dns.Msg)
	m.SetQuestion(dns.Fqdn(name), dns.StringToType[qtype])
	r, _, err := (&dns.Client{Timeout: 5 * time.Second}).Exchange(m, s.addr)
	return r, err
}

// ask returns the rcode and the sorted data of the answer: "NOERROR A 192.0.2.1".
func (s *server) ask(name, qtype string) string {
	r, err := s.query(name, qtype)
	if err != nil {
		return err.Error()
	}
	var data []string
	for _, rr := range r.Answer {
		text := strings.TrimPrefix(rr.String(), rr.Header().String())
		data = append(data, " "+dns.TypeToString[rr.Header().Rrtype]+" "+text)
	}
	slices.Sort(data)
	return dns.RcodeToString[r.Rcode] + strings.Join(data, "")
}

// answers waits until ask returns want.
func (s *server) answers(t *testing.T, name, qtype, want string) {
	t.Helper()
	s.becomes(t, want, func() string { return s.ask(name, qtype) })
}

// becomes waits until get returns want.
func (s *server) becomes(t *testing.T, want string, get func() string) {
	t.Helper()
	got := get()
	for end := time.Now().Add(patience); got != want; got = get() {
		if time.Now().After(end) {
			t.Fatalf("got %q, want %q", got, want)
		}
		<-time.After(10 * time.Millisecond)
	}
}

// logged waits until the log contains text.
func (s *server) logged(t *testing.T, text string) {
	t.Helper()
	s.becomes(t, "said", func() string {
		if b, _ := os.ReadFile(s.log.Name()); strings.Contains(string(b), text) {
			return "said"
		}
		return "not said: " + text
	})
}
