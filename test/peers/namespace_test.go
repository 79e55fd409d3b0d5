package peers

import (
	"bytes"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

const insideEnv = "PEERS_INSIDE_NAMESPACE"

// inNamespace runs the test again as root of a network namespace of its own, and reports
// whether this is that run.
func inNamespace(t *testing.T) bool {
	t.Helper()
	if os.Getenv(insideEnv) != "" {
		sh(t, "ip link set lo up")
		return true
	}
	find(t, "ip")
	find(t, "nsenter")
	cmd := exec.Command(os.Args[0], "-test.v", "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), insideEnv+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if os.Getuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	switch {
	case err != nil:
		t.Errorf("in the namespace: %v", err)
	case !bytes.Contains(out, []byte("--- PASS: "+t.Name())):
		t.Skip("skipped in the namespace")
	}
	return false
}

// sh runs a shell command.
func sh(t *testing.T, text string) {
	t.Helper()
	if out, err := exec.Command("sh", "-ec", text).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", text, err, out)
	}
}

// A router is a host in another namespace, through which ours reaches further
// networks.
type router struct {
	t   *testing.T
	pid string // of a process in its namespace
}

// newRouter connects a router as 10.0.0.2 and fd00::2.
func newRouter(t *testing.T) router {
	t.Helper()
	cmd := exec.Command("sleep", "infinity")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	r := router{t, strconv.Itoa(cmd.Process.Pid)}
	sh(t, "ip link add here type veth peer name there netns "+r.pid+`
		ip addr add 10.0.0.1/24 dev here
		ip addr add fd00::1/64 dev here nodad
		ip link set here up
	`)
	r.sh(`
		ip link set lo up
		ip addr add 10.0.0.2/24 dev there
		ip addr add fd00::2/64 dev there nodad
		ip link set there up
		echo 1 >/proc/sys/net/ipv4/ip_forward
		echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
		echo 0 >/proc/sys/net/ipv4/icmp_ratelimit
		echo 0 >/proc/sys/net/ipv6/icmp/ratelimit
	`)
	return r
}

// sh runs a shell command in the router.
func (r router) sh(text string) {
	r.t.Helper()
	sh(r.t, "nsenter -t "+r.pid+" -n sh -ec '"+text+"'")
}

// network adds a network that is reached through the router, with one of the types of
// route of ip-route(8).
func (r router) network(prefix, kind string) {
	r.t.Helper()
	via := "10.0.0.2"
	if strings.Contains(prefix, ":") {
		via = "fd00::2"
	}
	sh(r.t, "ip route add "+prefix+" via "+via)
	r.sh("ip route add " + kind + " " + prefix)
}
