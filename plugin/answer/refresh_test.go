package answer

import (
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// A managedFunc is a function that implements ManagedNames.
type managedFunc func(name string) (a Addresses, ok bool)

func (f managedFunc) Addresses(name string) (a Addresses, ok bool) { return f(name) }

// managed has the records of these tests.
func managed(t testing.TB) ManagedNames {
	records := map[string]struct {
		v4, v6 []string
		ttl    uint32
		params string // "KEY=" removes one
	}{
		"app.example.org.":     {[]string{"192.0.2.1", "192.0.2.2"}, []string{"2001:db8::1"}, 5, ""},
		"four.example.org.":    {[]string{"192.0.2.4"}, nil, 60, ""},
		"six.example.org.":     {nil, []string{"2001:db8::6"}, 60, ""},
		"none.example.org.":    {nil, nil, 60, ""},
		"x.apps.example.org.":  {[]string{"192.0.2.9"}, nil, 60, ""},
		"mapped.example.org.":  {[]string{"192.0.2.4"}, []string{"::ffff:192.0.2.4"}, 60, ""},
		"gone.example.org.":    {nil, nil, 60, "ech="},
		"no-alpn.example.org.": {nil, nil, 60, "alpn= port=8443"},
		"other.example.org.":   {nil, nil, 60, "mandatory=alpn,ech alpn=h3 ech=BBBB"},
	}
	return managedFunc(func(name string) (a Addresses, ok bool) {
		rec, ok := records[name]
		var v4, v6 []dns.RR
		for _, addr := range rec.v4 {
			v4 = append(v4, parsed(t, name+" "+dns.TypeToString[dns.TypeA]+" "+addr))
		}
		for _, addr := range rec.v6 {
			v6 = append(v6, parsed(t, name+" "+dns.TypeToString[dns.TypeAAAA]+" "+addr))
		}
		for _, rr := range append(v4[:len(v4):len(v4)], v6...) {
			rr.Header().Ttl = rec.ttl
		}
		return Addresses{V4: v4, V6: v6, TTL: rec.ttl, Params: params(t, rec.params)}, ok
	})
}

// params parses the parameters in text; "KEY=" removes one.
func params(t testing.TB, text string) map[dns.SVCBKey]dns.SVCBKeyValue {
	t.Helper()
	params := make(map[dns.SVCBKey]dns.SVCBKeyValue)
	for _, word := range strings.Fields(text) {
		v := parsed(t, ". SVCB 1 . "+word).(*dns.SVCB).Value[0]
		params[v.Key()] = v
		if strings.HasSuffix(word, "=") {
			params[v.Key()] = nil
		}
	}
	return params
}

func parsed(t testing.TB, text string) dns.RR {
	t.Helper()
	rr, err := dns.NewRR(text)
	if err != nil {
		t.Fatal(err)
	}
	return rr
}

// written returns rrs as in the tables: "NAME TTL TYPE DATA", without the zone.
func written(rrs []dns.RR) (lines []string) {
	for _, rr := range rrs {
		text := strings.NewReplacer("\tIN\t", " ", "\t", " ", `"`, "").Replace(rr.String())
		lines = append(lines, strings.ReplaceAll(text, ".example.org.", ""))
	}
	return lines
}

// replyOf returns a reply with these sections, as in the tables.
func replyOf(t testing.TB, answer, ns, extra []string) *dns.Msg {
	t.Helper()
	section := func(lines []string) (rrs []dns.RR) {
		for _, line := range lines {
			rr, err := dns.NewRR("$ORIGIN example.org.\n" + line)
			if err != nil {
				t.Fatal(err)
			}
			rrs = append(rrs, rr)
		}
		return rrs
	}
	m := new(dns.Msg).SetQuestion("www.example.org.", dns.TypeANY)
	m.Response = true
	m.Answer, m.Ns, m.Extra = section(answer), section(ns), section(extra)
	return m
}

// checkRefresh checks the sections of the refreshed m. A nil answer means that Refresh
// returns m itself.
func checkRefresh(t *testing.T, m *dns.Msg, answer, ns, extra []string) {
	t.Helper()
	before := m.Copy()
	got := Refresh(m, managed(t))
	if m.String() != before.String() {
		t.Errorf("the original was changed from\n%s\nto\n%s", before, m)
	}
	if answer == nil {
		if got != m {
			t.Errorf("got\n%s\nwant it as it was", got)
		}
		return
	}
	if got == m {
		t.Fatal("the reply is as it was")
	}
	for i, want := range [][]string{answer, ns, extra} {
		section := written([][]dns.RR{got.Answer, got.Ns, got.Extra}[i])
		if strings.Join(section, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s section: got\n\t%s\nwant\n\t%s", []string{"answer", "authority", "additional"}[i],
				strings.Join(section, "\n\t"), strings.Join(want, "\n\t"))
		}
	}
	packs(t, got)
}

// packs checks that m can be packed and unpacked.
func packs(t *testing.T, m *dns.Msg) {
	t.Helper()
	wire, err := m.Pack()
	if err != nil {
		t.Fatalf("cannot be packed: %v\n%s", err, m)
	}
	if err := new(dns.Msg).Unpack(wire); err != nil {
		t.Fatalf("cannot be unpacked: %v\n%s", err, m)
	}
}
