package lookup

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/file"
	clog "github.com/coredns/coredns/plugin/pkg/log"
	"github.com/coredns/coredns/plugin/pkg/upstream"
	"github.com/coredns/coredns/request"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/coredns"
)

// zoneFile returns a server block that has a file with one zone.
func zoneFile(t *testing.T, zone string, lines ...string) *dnsserver.Config {
	t.Helper()
	text := fmt.Sprintf("$ORIGIN %s\n@ 3600 SOA ns root 7 7200 1800 86400 60\n@ 3600 NS ns\n%s\n", zone, strings.Join(lines, "\n"))
	z, err := file.Parse(strings.NewReader(text), zone, "stdin", 0)
	if err != nil {
		t.Fatal(err)
	}
	z.Upstream = upstream.New()
	f := file.File{Zones: file.Zones{Z: map[string]*file.Zone{zone: z}, Names: []string{zone}}}
	return block(t, zone, f)
}

// block returns a server block with one plugin.
func block(t *testing.T, zone string, h plugin.Handler) *dnsserver.Config {
	t.Helper()
	c := &dnsserver.Config{Zone: zone, Plugin: []plugin.Plugin{func(plugin.Handler) plugin.Handler { return h }}}
	if _, err := dnsserver.NewServer("dns://:53", []*dnsserver.Config{c}); err != nil {
		t.Fatal(err)
	}
	return c
}

func first(c *dnsserver.Config) func() plugin.Handler {
	return coredns.Entry(c.Handlers)
}

// The file plugin looks up names outside its zone by way of the server.
func TestFile(t *testing.T) {
	org := zoneFile(t, "example.org.",
		"app 300 A 192.0.2.1",
		"app 300 RRSIG A 13 3 300 20300101000000 20200101000000 1 example.org. AAAA",
		"inside 300 CNAME app",
		"outside 300 CNAME www.example.net.",
		"gone 300 CNAME gone.example.net.",
		"far 300 CNAME known.example.com.",
		"below 300 CNAME x.child",
		"child 300 NS ns.child",
		"circle 300 CNAME circle.example.net.",
		"* 300 CNAME app",
		"z.d 300 DNAME example.net.",
		"text 300 TXT t",
	)
	net := zoneFile(t, "example.net.",
		"www 20 A 192.0.2.2",
		"circle 300 CNAME circle.example.org.",
	)
	p := newPlugins(first(org), resolverOf(t, map[string]string{"known.example.com.": "192.0.2.9", "x.child.example.org.": "192.0.2.8"}),
		coredns.Server("dns://:53", org, org, net))
	const soa = "authority example.org. SOA ns.example.org."
	for name, want := range map[string]string{
		"app":     "addr app.example.org. A 192.0.2.1, sig app.example.org. RRSIG A, 5m0s",
		"inside":  "via inside.example.org. CNAME app.example.org., addr app.example.org. A 192.0.2.1, sig app.example.org. RRSIG A, 5m0s",
		"outside": "via outside.example.org. CNAME www.example.net., addr www.example.net. A 192.0.2.2, 20s",
		"gone":    "NXDOMAIN, answer gone.example.org. CNAME gone.example.net., " + soa + ", 1m0s",
		"far":     "via far.example.org. CNAME known.example.com., addr known.example.com. A 192.0.2.9, 30s, aging",
		"below":   "via below.example.org. CNAME x.child.example.org., addr x.child.example.org. A 192.0.2.8, 30s, aging",
		"child":   "error: the answer refers to other name servers",
		"one":     "via one.example.org. CNAME app.example.org., addr app.example.org. A 192.0.2.1, sig app.example.org. RRSIG A, 5m0s",
		"www.z.d": "via z.d.example.org. DNAME example.net., via www.z.d.example.org. CNAME www.example.net., addr www.example.net. A 192.0.2.2, 20s",
		"text":    "NOERROR, " + soa + ", 1m0s",
	} {
		if got := replyText(p.Lookup(t.Context(), name+".example.org.", dns.TypeA)); got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
	if r, err := p.Lookup(t.Context(), "circle.example.org.", dns.TypeA); err == nil {
		t.Errorf("a loop of zones: got %s", replyText(r, err))
	}
	if _, err := newPlugins(first(net), nil, nil).Lookup(t.Context(), "app.example.org.", dns.TypeA); err != errUnanswered {
		t.Errorf("a name of another zone: %v", err)
	}
}

// Lookups stay in the view of their server block, which may admit no client.
func TestServerViews(t *testing.T) {
	nobody := func(context.Context, *request.Request) bool { return false }
	in := func(view string, c *dnsserver.Config) *dnsserver.Config {
		if c.ViewName = view; view != "" {
			c.FilterFuncs = []dnsserver.FilterFunc{nobody}
		}
		return c
	}
	gslb := func(view, addr string) *dnsserver.Config {
		return in(view, zoneFile(t, "gslb.test.", "www 20 A "+addr))
	}
	all := []*dnsserver.Config{gslb("lan", "192.0.2.1"), gslb("wan", "192.0.2.2"), gslb("", "192.0.2.3")}
	const none = "error: no plugin answers for it"
	for _, tc := range []struct {
		view   string
		blocks []*dnsserver.Config
		want   string
	}{
		{"lan", all, "192.0.2.1"}, {"wan", all, "192.0.2.2"}, {"dmz", all, "192.0.2.3"}, {"", all, "192.0.2.3"},
		{"lan", all[1:], "192.0.2.3"}, {"", all[:2], none}, {"dmz", all[:2], none},
	} {
		own := in(tc.view, zoneFile(t, "example.org.", "app 300 CNAME www.gslb.test."))
		p := newPlugins(first(own), nil, coredns.Server("dns://:53", own, append(tc.blocks, own)...))
		want := tc.want
		if want != none {
			want = "via app.example.org. CNAME www.gslb.test., addr www.gslb.test. A " + want + ", 20s"
		}
		// The server of a client's query does not matter.
		ctx := context.WithValue(t.Context(), dnsserver.Key{}, coredns.Server("dns://:53", all[1], append(tc.blocks, own)...))
		for _, ctx := range []context.Context{t.Context(), ctx} {
			if got := replyText(p.Lookup(ctx, "app.example.org.", dns.TypeA)); got != want {
				t.Errorf("view %q, %d blocks: got %s, want %s", tc.view, len(tc.blocks), got, want)
			}
		}
	}
}

// CoreDNS sets debug for the whole process when it makes a server.
func TestServerLeavesDebug(t *testing.T) {
	org := zoneFile(t, "example.org.")
	defer clog.D.Clear()
	for _, debug := range []bool{true, false} {
		clog.D.Clear()
		if debug {
			clog.D.Set()
		}
		if coredns.Server("dns://:53", org, org); clog.D.Value() != debug {
			t.Errorf("debug was %v, and is not any more", debug)
		}
	}
}
