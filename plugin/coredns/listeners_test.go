package coredns

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"
)

func TestListeners(t *testing.T) {
	var seen []string
	plugin.Register("listeners", func(c *caddy.Controller) error { // which does not start
		c.OnStartup(func() error { seen = Listeners(c); return errors.New("seen") })
		return nil
	})
	directives := dnsserver.Directives
	defer func() { dnsserver.Directives = directives }()
	dnsserver.Directives = append(slices.Clone(directives), "listeners")
	_, err := caddy.Start(caddy.CaddyfileInput{
		Contents:       []byte("example.org:1053 example.net:1053 tls://example.org:1853 {\nlisteners\n}"),
		ServerTypeName: "dns",
	})
	if want := "[dns://:1053 tls://:1853]"; err == nil || fmt.Sprint(seen) != want {
		t.Errorf("got %v, want %s", seen, want)
	}
}
