package test

import (
	"strings"
	"testing"
)

// Lookups of host names enter the chain after acl: no plugin that filters, counts or
// rewrites the queries of clients sees them, whatever else is in the pool.
func TestLookupsPassOverClientPlugins(t *testing.T) {
	t.Parallel()
	const acl = "acl {\nallow net 127.7.7.7/32\nblock\n}\n"
	for name, front := range map[string]string{
		"loadbalance and acl": "loadbalance\n" + acl,
		"autopath and acl":    "autopath /dev/null\n" + acl,
		"shed, log and acl":   "shed\nlog\n" + acl,
		"rewrite":             "rewrite name exact www.example.net other.example.net\n",
		"rewrite and acl":     "rewrite name suffix .example.net .example.com\n" + acl,
		"tsig":                "loadbalance\ntsig {\nsecret key. c2VjcmV0\nrequire all\n}\n",
		"siit and dns64":      "siit {\neam 127.9.9.9 2001:db8::1\n}\ndns64 {\ntranslate_all\nprefix 64:ff9b::/96\n}\n",
		"metadata and any":    "metadata\nany\nnsid\ncancel 1ms\nbufsize\nloadbalance\n" + acl,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, pool := range []string{"www.example.net", "www.example.net {\nas cname\n}"} {
				s := prepareNext(t)
				s.write("hosts", "$a www.example.net\n2001:db8::1 www.example.net\n127.9.9.8 other.example.net\n")
				s.serve(strings.NewReplacer("RECORD", "primary "+pool+"\nsecondary $c", "NEXT", front+"hosts $dir/hosts").Replace(hostCorefile))
				s.waitFor(s.a.ip + ": unknown -> up")
				s.waitFor(" of 2001:db8::1") // both families have a result
				for _, text := range []string{"cannot be looked up", "127.9.9.", "64:ff9b", "IN www.example.net."} {
					if n := s.log.count(text); n > 0 {
						t.Errorf("pool %q: %q is in the log %d times", pool, text, n)
					}
				}
			}
		})
	}
}

// Lookups of the targets of CNAMEs enter the chain after acl too: the log plugin does not see
// them, and the addresses that they find are checked.
func TestTargetLookupsPassOverClientPlugins(t *testing.T) {
	t.Parallel()
	s := prepareNext(t)
	s.write("hosts", "$a www.example.net\n127.9.9.8 other.example.net\n")
	s.serve(strings.NewReplacer("RECORD", cnamePool+"secondary $c", "NEXT",
		"loadbalance\nlog\nrewrite name exact www.example.net other.example.net\nhosts $dir/hosts").Replace(hostCorefile))
	s.waitFor(s.a.ip + ": unknown -> up")
	becomes(t, "A", "CNAME www.example.net. A "+s.a.ip, func() string { return s.ask("app.example.org", "A") })
	s.waitFor("IN app.example.org.")
	if n := s.log.count("IN www.example.net."); n > 0 {
		t.Errorf("the lookup of the target is in the log %d times", n)
	}
}
