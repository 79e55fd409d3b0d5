package peers

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
)

// An authority is an NSD server with a zone file.
type authority struct {
	*program
	path, port string
	serial     int
}

// nsd starts an authority for the zone example.org with records.
func nsd(t *testing.T, records string, also string) *authority {
	t.Helper()
	path, d := find(t, "nsd"), dir(t)
	n := &authority{path: d + "/zone", port: freePort(t)}
	n.change(t, records)
	config := write(t, d+"/config", fmt.Sprintf(`
server:
  ip-address: 127.0.0.1@%s
  server-count: 1
  username: ""
  chroot: ""
  database: ""
  zonesdir: "%s"
  pidfile: "%[2]s/pid"
  xfrdfile: "%[2]s/xfrd"
  xfrdir: "%[2]s"
  zonelistfile: "%[2]s/list"
  zonefiles-check: yes
remote-control:
  control-enable: no
zone:
  name: example.org
  zonefile: zone
  provide-xfr: 127.0.0.1 NOKEY
  %s
`, n.port, d, also))
	n.program = start(t, path, "-d", "-c", config)
	n.is(t, n.serial)
	return n
}

// is waits until the zone has a serial.
func (n *authority) is(t *testing.T, serial int) {
	t.Helper()
	query := fmt.Sprintf(`check dns :%s example.org. SOA {
		answer " %d 1 1 86400 1$"
	}`, n.port, serial)
	parse(t, "127.0.0.1", query).becomes(t, "")
}

// change rewrites the zone file, and makes NSD read it if it is running.
func (n *authority) change(t *testing.T, records string) {
	t.Helper()
	n.serial++
	text := fmt.Sprintf("$ORIGIN example.org.\n$TTL 1\n@ SOA ns hostmaster %d 1 1 86400 1\n@ NS ns\nns A 127.0.0.1\n%s\n",
		n.serial, records)
	if err := os.WriteFile(n.path+"~", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	give(t, n.path+"~")
	if err := os.Rename(n.path+"~", n.path); err != nil {
		t.Fatal(err)
	}
	if n.program != nil {
		if err := syscall.Kill(n.cmd.Process.Pid, syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		n.is(t, n.serial)
	}
}

const both = "app A 127.0.1.1\napp A 127.0.1.2\nwww CNAME app"

// NSD as the upstream of forward, and as the primary of secondary.
func TestNSD(t *testing.T) {
	for _, next := range []string{
		"forward . 127.0.0.1:$nsd",
		"secondary {\ntransfer from 127.0.0.1:$nsd\n}",
	} {
		name, _, _ := strings.Cut(next, " ")
		t.Run(name, func(t *testing.T) {
			n := nsd(t, both, "")
			s := tell(t, "app.example.org", "example.org", strings.ReplaceAll(next, "$nsd", n.port))
			s.fails(t, "app.example.org")
			n.change(t, "app A 127.0.1.2")
			s.from(t, "app.example.org", s.b)
			s.answers(t, "app.example.org", "AAAA", "NOERROR")
			n.change(t, "app TXT none")
			s.from(t, "app.example.org", s.c)
			s.answers(t, "app.example.org", "TXT", `NOERROR TXT "none"`)
			n.change(t, "")
			s.answers(t, "app.example.org", "TXT", "NOERROR")
			n.change(t, "app CNAME web\nweb A 127.0.1.1")
			s.answers(t, "app.example.org", "A", "NOERROR A 127.0.1.1 CNAME web.example.org.")
			n.signal(syscall.SIGKILL)
			<-n.done
			s.a.sick.Store(true) // it is still probed
			s.from(t, "app.example.org", s.c)
			s.a.sick.Store(false)
			s.from(t, "app.example.org", s.a)
		})
	}
}
