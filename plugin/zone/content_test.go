package zone

import (
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// fill returns the content of a zone with these records.
func fill(t *testing.T, apex string, parents Parents, records string) *Content {
	t.Helper()
	c := new(Content)
	zp := dns.NewZoneParser(strings.NewReader(records), apex, "")
	zp.SetDefaultTTL(60)
	for rr, ok := zp.Next(); ok; rr, ok = zp.Next() {
		c.Add(apex, parents, rr)
	}
	if err := zp.Err(); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestFindBesideContent(t *testing.T) {
	wildcards := []string{"*.example.org.", "*.apps.example.org.", "*.lost.example.org.", "*.kid.example.org.", "*.example.net."}
	parents := NewParents(wildcards)
	var tree Tree[string]
	for _, z := range []string{"example.org.", "example.net."} {
		tree.AddZone(z)
	}
	for _, name := range append(wildcards, "www.example.org.", "one.apps.example.org.") {
		tree.AddRecord(name, strings.Join(dns.SplitDomainName(name)[len(dns.SplitDomainName(name))-2:], ".")+".", name)
	}
	tree.SetContents(Contents{
		"example.org.": fill(t, "example.org.", parents, `
@ NS ns
ns A 192.0.2.53
www A 192.0.2.1
mail MX 10 mail
sub NS ns.sub
ns.sub A 192.0.2.54
a.b.c TXT t
_acme-challenge.shop.apps TXT token
_SIP._tcp SRV 1 1 1 sip
* TXT t
*.apps A 192.0.2.2
*.deep A 192.0.2.3
old DNAME example.com.
lost NS ns.example.com.
kid NS ns
hash NSEC3 1 0 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr A
hash RRSIG NSEC3 13 2 60 20300101000000 20200101000000 7 example.org. c2ln
`),
		"kid.example.org.":          fill(t, "kid.example.org.", parents, "@ NS ns\nknown A 192.0.2.9\n"),
		"served.apps.example.org.":  new(Content),
		"unloaded.x.z.example.com.": new(Content),
	})
	const wild, apps, kid = "*.example.org.", "*.apps.example.org.", "*.kid.example.org."
	for name, want := range map[string]string{
		"free.example.org.":   wild,
		"x.free.example.org.": wild,
		// Names that exist there, and names below them.
		"ns.example.org.":        "",
		"x.ns.example.org.":      "",
		"mail.example.org.":      "",
		"x.y.old.example.org.":   "",
		"_sip._tcp.example.org.": "",
		// A delegation, and names below it.
		"sub.example.org.":         "",
		"ns.sub.example.org.":      "",
		"x.other.sub.example.org.": "",
		// Empty non-terminals, and names below them.
		"c.example.org.":                         wild,
		"b.c.example.org.":                       wild,
		"a.b.c.example.org.":                     "",
		"x.b.c.example.org.":                     "",
		"x.c.example.org.":                       "",
		"_tcp.example.org.":                      wild,
		"deep.example.org.":                      wild,
		"x.deep.example.org.":                    "",
		"shop.apps.example.org.":                 apps,
		"x.shop.apps.example.org.":               "",
		"_acme-challenge.shop.apps.example.org.": "",
		// Wildcards of the zone do not end ours; proofs make no names exist.
		"x.apps.example.org.":   apps,
		"hash.example.org.":     wild,
		"*.apps.example.org.":   apps,
		"x.*.apps.example.org.": "",
		// A zone of its own, below the wildcard's parent or at it.
		"served.apps.example.org.":   "",
		"x.served.apps.example.org.": "",
		"x.kid.example.org.":         kid,
		"known.kid.example.org.":     "",
		"y.known.kid.example.org.":   "",
		// A wildcard below a delegation does not answer.
		"x.lost.example.org.": "",
		// Records, and a zone without content.
		"www.example.org.":      "www.example.org.",
		"one.apps.example.org.": "one.apps.example.org.",
		"ns.example.net.":       "*.example.net.",
	} {
		if got, _ := tree.Find(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestFindBesideTheRootZone(t *testing.T) {
	parents := NewParents([]string{"*."})
	var tree Tree[string]
	tree.AddZone(".")
	tree.AddRecord("*.", ".", "any")
	tree.SetContents(Contents{".": fill(t, ".", parents, "org. NS ns.org.\nwww.com. A 192.0.2.1\n. NS ns.org.\n")})
	for name, want := range map[string]string{
		"net.": "any", "org.": "", "x.org.": "", "com.": "any", "www.com.": "", "x.com.": "", ".": "",
	} {
		if got, _ := tree.Find(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestFindAllocatesNothing(t *testing.T) {
	parents := NewParents([]string{"*.example.org."})
	var tree Tree[string]
	tree.AddZone("example.org.")
	tree.AddRecord("*.example.org.", "example.org.", "any")
	tree.SetContents(Contents{"example.org.": fill(t, "example.org.", parents, "ns A 192.0.2.1\n")})
	if n := testing.AllocsPerRun(100, func() { tree.Find("a.b.c.example.org.") }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// A name that a wildcard covers, with and without a zone of the next plugins.
func BenchmarkFind(b *testing.B) {
	parents := NewParents([]string{"*.example.org."})
	var tree Tree[string]
	tree.AddZone("example.org.")
	tree.AddRecord("*.example.org.", "example.org.", "any")
	tree.AddRecord("app.example.org.", "example.org.", "app")
	run := func(name, qname string) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				tree.Find(qname)
			}
		})
	}
	run("exact", "app.example.org.")
	run("wildcard", "x.example.org.")
	c := new(Content)
	rr, _ := dns.NewRR("ns.example.org. A 192.0.2.1")
	c.Add("example.org.", parents, rr)
	tree.SetContents(Contents{"example.org.": c})
	run("exact beside content", "app.example.org.")
	run("wildcard beside content", "x.example.org.")
}
