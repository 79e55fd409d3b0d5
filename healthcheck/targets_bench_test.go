package healthcheck_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"

	"github.com/miekg/dns"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/coredns-failover/failover/test/kit"
)

// targetsEnv makes this program serve the targets of the benchmarks, so that their CPU
// time is not measured.
const targetsEnv = "HEALTHCHECK_TARGETS"

func TestMain(m *testing.M) {
	if os.Getenv(targetsEnv) != "" {
		serveTargets()
		return
	}
	os.Exit(m.Run())
}

// ports holds the ports of the targets by the type of the check.
type ports map[string]uint16

// serveTargets writes the ports of the targets, and serves until its input ends.
func serveTargets() {
	p := ports{"tcp": serveStream(), "udp": serveEcho(), "grpc": serveHealth(), "dns": serveResolver()}
	fine := http.NewServeMux()
	fine.HandleFunc("/healthz", func(http.ResponseWriter, *http.Request) {})
	fine.HandleFunc("/api/v1/query", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"job":"app"},"value":[1700000000,"1"]}]}}`)
	})
	p["http"] = kit.PortOfListener(httptest.NewServer(fine).Listener)
	p["https"] = kit.PortOfListener(httptest.NewTLSServer(fine).Listener)
	json.NewEncoder(os.Stdout).Encode(p)
	io.Copy(io.Discard, os.Stdin)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func serveStream() uint16 {
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				io.Copy(io.Discard, conn)
				conn.Close()
			}()
		}
	}()
	return kit.PortOfListener(l)
}

func serveEcho() uint16 {
	conn := must(net.ListenPacket("udp", "127.0.0.1:0"))
	go func() {
		buf := make([]byte, 64)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			conn.WriteTo(buf[:n], from)
		}
	}()
	return portOfPacketConn(conn)
}

func portOfPacketConn(c net.PacketConn) uint16 { return uint16(c.LocalAddr().(*net.UDPAddr).Port) }

func serveHealth() uint16 {
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	server := grpc.NewServer()
	healthpb.RegisterHealthServer(server, health.NewServer())
	go server.Serve(l)
	return kit.PortOfListener(l)
}

func serveResolver() uint16 {
	conn := must(net.ListenPacket("udp", "127.0.0.1:0"))
	go dns.ActivateAndServe(nil, conn, dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		reply := new(dns.Msg).SetReply(q)
		reply.Answer = []dns.RR{must(dns.NewRR(q.Question[0].Name + " 300 IN A 192.0.2.1"))}
		w.WriteMsg(reply)
	}))
	return portOfPacketConn(conn)
}

// startTargets starts the targets in a process of their own.
func startTargets(b *testing.B) (p ports) {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), targetsEnv+"=1")
	cmd.Stderr = os.Stderr
	stdin, stdout := must(cmd.StdinPipe()), must(cmd.StdoutPipe())
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		stdin.Close()
		cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil || json.Unmarshal(line, &p) != nil {
		b.Fatal(fmt.Errorf("the targets wrote %q: %w", line, err))
	}
	return p
}
