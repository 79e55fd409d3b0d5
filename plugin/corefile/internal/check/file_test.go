package check_test

import (
	"net/netip"
	"path/filepath"
	"testing"

	"github.com/coredns/coredns/core/dnsserver"

	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/corefile"
)

// The check is about the address of the endpoint, not the probed one. A relative PATH is
// below the directory of the root plugin.
func TestFileCheck(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "health")
	writeFile(t, path, "up")
	c := controller("failover {\nprimary 192.0.2.1 {\nendpoint 192.0.2.2 name b probe 10.0.0.2\n}\ncheck file health {\nfall 1\n}\n}")
	dnsserver.GetConfig(c).Root = dir
	config, err := corefile.Parse(c)
	if err != nil {
		t.Fatal(err)
	}
	want := []probe.File{
		{Path: path},
		{Path: path, Addr: netip.MustParseAddr("192.0.2.2"), Label: "b"},
	}
	for i, e := range config.Records[0].Pools[0].Endpoints {
		if got := e.Checks[0].Spec.Check; got != want[i] {
			t.Errorf("endpoint %d: got %+v, want %+v", i, got, want[i])
		}
	}
}

// The file need not exist yet.
func TestFileCheckOfNoFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none", "health")
	config := mustParse(t, "failover {\nprimary 192.0.2.1\ncheck file "+path+"\n}")
	if got := config.Records[0].Pools[0].Endpoints[0].Checks[0].Spec.Check; got != (probe.File{Path: path}) {
		t.Errorf("got %+v", got)
	}
}
