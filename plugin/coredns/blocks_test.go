package coredns

import (
	"slices"
	"strings"
	"testing"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"
)

func TestBlocks(t *testing.T) {
	c := caddy.NewTestController("dns", "")
	add := func(i, j int, zone, transport, port string, hosts ...string) {
		c.ServerBlockIndex, c.ServerBlockKeyIndex = i, j
		*dnsserver.GetConfig(c) = dnsserver.Config{Zone: zone, Transport: transport, Port: port, ListenHosts: hosts}
	}
	add(0, 0, "a.", "dns", "53", "")
	add(0, 1, "b.", "dns", "53", "")
	add(1, 0, "c.", "dns", "5353", "")
	add(2, 0, "d.", "tls", "53", "")
	add(3, 0, "e.", "dns", "53", "127.0.0.1", "")
	add(4, 0, ".", "dns", "53", "127.0.0.1")
	for i, want := range map[int]string{0: "a. b. e.", 1: "c.", 2: "d.", 3: "a. b. e. .", 4: "e. ."} {
		c.ServerBlockIndex, c.ServerBlockKeyIndex = i, 0
		var got []string
		for _, b := range NewBlocks(c).Around(dnsserver.GetConfig(c)).blocks {
			got = append(got, b.Zone)
		}
		if !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("block %d listens with %v, want %s", i, got, want)
		}
		if c.ServerBlockIndex != i {
			t.Error("the controller was changed")
		}
	}
}
