package coredns

import (
	"context"
	"slices"
	"testing"

	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"

	"github.com/miekg/dns"
)

// A named plugin does nothing.
type named string

func (n named) Name() string { return string(n) }
func (named) ServeDNS(context.Context, dns.ResponseWriter, *dns.Msg) (int, error) {
	return dns.RcodeRefused, nil
}

// Lookups enter after all plugins for clients.
func TestEntry(t *testing.T) {
	front := dnsserver.Directives[:slices.Index(dnsserver.Directives, "acl")+1]
	var handlers []plugin.Handler
	for _, name := range front {
		handlers = append(handlers, named(name))
	}
	if h := Entry(func() []plugin.Handler { return handlers })(); h != nil {
		t.Errorf("lookups begin at %s, which is there for clients", h.Name())
	}
	for _, after := range [][]plugin.Handler{{named("cache"), named("file")}, {named("header")}, {named("file"), named("forward")}} {
		h := Entry(func() []plugin.Handler { return append(slices.Clone(handlers), after...) })()
		if h != after[0] {
			t.Errorf("lookups begin at %v, want %v", h, after[0])
		}
	}
	if h := Entry(func() []plugin.Handler { return nil })(); h != nil {
		t.Errorf("found %v where there is nothing", h)
	}
}

// A server that was built with other plugins has its own order.
func TestEntryOfOtherBuilds(t *testing.T) {
	for _, tc := range []struct {
		directives []string
		want       int
	}{
		{[]string{"errors", "acl", "foreign", "file"}, 2},
		{[]string{"errors", "loadbalance", "rewrite", "file"}, 3},
		{[]string{"errors", "foreign", "file"}, 1},
		{[]string{"file", "forward"}, 0},
	} {
		if got := afterClientPlugins(tc.directives); got != tc.want {
			t.Errorf("%v: %d, want %d", tc.directives, got, tc.want)
		}
	}
}
