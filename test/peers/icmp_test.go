package peers

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

// In a new namespace only processes with raw sockets can ping; the sysctl permits it to
// the group of root without them.
const (
	rawOnly   = ": nothing"
	datagrams = "echo 0 0 >/proc/sys/net/ipv4/ping_group_range"
)

func TestNetworkThatFails(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	r := newRouter(t)
	for kind, nets := range map[string][]string{
		"unreachable": {"10.1.0.0/16", "fd01::/64"},
		"prohibit":    {"10.2.0.0/16", "fd02::/64"},
		"blackhole":   {"10.3.0.0/16", "fd03::/64"},
	} {
		for _, prefix := range nets {
			r.network(prefix, kind)
		}
	}
	sh(t, "ip route add unreachable 10.4.0.0/16")
	const ping, udp, tcp = "waiting for the echo reply: ", "waiting for the answer: ", "connect: "
	const late, noHost, noNet = "context deadline exceeded", "no route to host", "network is unreachable"
	const prohibited, refused = "permission denied", "connection refused"
	tests := []struct {
		addr, check, want string
		raw               string // with a raw socket, if that is not want
		unknown           bool
	}{
		{addr: "127.0.0.1", check: "icmp"},
		{addr: "10.0.0.2", check: "icmp"},
		{addr: "fd00::2", check: "icmp"},
		{addr: "10.1.0.1", check: "icmp", want: ping + noHost, raw: ping + late},
		{addr: "fd01::1", check: "icmp", want: ping + noNet, raw: ping + late},
		{addr: "10.2.0.1", check: "icmp", want: ping + noHost, raw: ping},
		{addr: "fd02::1", check: "icmp", want: ping + prohibited, raw: ping},
		{addr: "10.3.0.1", check: "icmp", want: ping + late},
		{addr: "fd03::1", check: "icmp", want: ping + late},
		{addr: "192.0.2.1", check: "icmp", want: tcp + noNet, unknown: true},
		{addr: "2001:db8::1", check: "icmp", want: tcp + noNet, unknown: true},
		{addr: "10.4.0.1", check: "icmp", want: tcp + noHost, unknown: true},

		{addr: "10.0.0.2", check: "udp :9", want: udp + refused},
		{addr: "10.1.0.1", check: "udp :9", want: udp + noHost},
		{addr: "fd01::1", check: "udp :9", want: udp + noNet},
		{addr: "10.2.0.1", check: "udp :9", want: udp + noHost},
		{addr: "fd02::1", check: "udp :9", want: udp + prohibited},
		{addr: "10.3.0.1", check: "udp :9"}, // there is no reply
		{addr: "10.3.0.1", check: "udp :9 {\nexpect x\n}", want: `expect "x": ` + late},
		{addr: "192.0.2.1", check: "udp :9", want: tcp + noNet, unknown: true},
		{addr: "10.4.0.1", check: "udp :9", want: tcp + noHost, unknown: true},

		{addr: "10.1.0.1", check: "tls", want: tcp + noHost},
		{addr: "10.3.0.1", check: "tls", want: tcp + late},
		{addr: "10.4.0.1", check: "tls", want: tcp + noHost, unknown: true},
	}
	for _, sockets := range []string{rawOnly, datagrams} {
		sh(t, sockets)
		for _, tc := range tests {
			want := tc.want
			if sockets == rawOnly && tc.raw != "" {
				want = tc.raw
			}
			// A router limits its ICMP errors to one host per second.
			err := parse(t, tc.addr, "check "+tc.check).until(t, want)
			if !is(err, want) || errors.Is(err, healthcheck.ErrInconclusive) != tc.unknown {
				t.Errorf("%s: check %s of %s: %v, want %q, unknown %v", sockets, tc.check, tc.addr, err, want, tc.unknown)
			}
		}
	}
}

// A partition makes probes fail; a missing interface makes them inconclusive.
func TestPartition(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	sh(t, datagrams)
	r := newRouter(t)
	ping := parse(t, "10.0.0.2", "check icmp")
	ping.becomes(t, "")

	sh(t, "ip link set here arp off") // frames reach no host
	ping.gives(t, "waiting for the echo reply: context deadline exceeded")
	sh(t, "ip link set here arp on; ip link set here down; ip link set here up")
	ping.becomes(t, "")

	r.sh("echo 1 >/proc/sys/net/ipv4/icmp_echo_ignore_all")
	ping.gives(t, "waiting for the echo reply: context deadline exceeded")
	r.sh("echo 0 >/proc/sys/net/ipv4/icmp_echo_ignore_all")
	ping.gives(t, "")

	sh(t, "ip link set here down") // and our route with it
	if err := ping.probe(t); err == nil || !errors.Is(err, healthcheck.ErrInconclusive) {
		t.Errorf("without an interface: %v is not unknown", err)
	}
}

// A link that is too slow delays replies beyond the timeout.
func TestSlowLink(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	find(t, "tc")
	sh(t, datagrams)
	newRouter(t)
	ping := parse(t, "10.0.0.2", "check icmp")
	ping.becomes(t, "")
	// A ping takes 42 bytes of Ethernet and more; the bucket holds but one packet.
	sh(t, "tc qdisc add dev here root tbf rate 1kbit burst 1600 latency 10s")
	const late = "waiting for the echo reply: context deadline exceeded"
	for range 60 { // until the bucket is empty
		if err := ping.within(t, 100*time.Millisecond); is(err, late) {
			if err := ping.within(t, 20*time.Second); err != nil {
				t.Errorf("with time to wait: %v", err)
			}
			return
		}
	}
	t.Error("no reply was late")
}

// A Corefile with icmp is refused if the server may not ping, and the error says what to do.
func TestForbiddenPing(t *testing.T) {
	if os.Getenv(insideEnv) == "forbidden" {
		for _, addr := range []string{"192.0.2.1", "2001:db8::1"} {
			_, err := tryParse(addr, "check icmp")
			for _, word := range []string{"Testfile:3", "check icmp", "net.ipv4.ping_group_range", "CAP_NET_RAW"} {
				if err == nil || !strings.Contains(err.Error(), word) {
					t.Errorf("%v does not name %s", err, word)
				}
			}
		}
		return
	}
	if !inNamespace(t) {
		return
	}
	sh(t, rawOnly)
	cmd := exec.Command(find(t, "setpriv"), "--bounding-set=-net_raw", "--inh-caps=-net_raw", os.Args[0], "-test.run=^TestForbiddenPing$")
	cmd.Env = append(os.Environ(), insideEnv+"=forbidden")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if _, err := tryParse("192.0.2.1", "check icmp"); err != nil {
		t.Errorf("with the capability: %v", err)
	}
}
