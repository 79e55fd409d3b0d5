package answer

import (
	"testing"

	"github.com/miekg/dns"
)

// FuzzRefresh edits replies of any content: without a panic, without a change to the
// original, and so that a reply that can be packed still can be.
func FuzzRefresh(f *testing.F) {
	for _, answer := range [][]string{
		{"app 300 HTTPS 1 . mandatory=alpn,ipv4hint alpn=h2 ipv4hint=203.0.113.1 ipv6hint=2001:db8::bad"},
		{"www 300 CNAME four", "four 300 SVCB 2 six", "four 300 SVCB 0 none"},
		{"www 300 CNAME app", "app 300 A 203.0.113.1"},
		{"www 300 MX 10 app", "_x._tcp 300 SRV 0 0 80 four", "example.org. 300 NS six"},
	} {
		m := replyOf(f, answer, []string{"example.org. 300 NS app"}, []string{"app 300 A 203.0.113.1"})
		m.SetEdns0(1232, true)
		for _, qtype := range []uint16{dns.TypeANY, dns.TypeA, dns.TypeAAAA} {
			m.Question[0].Qtype = qtype
			wire, err := m.Pack()
			if err != nil {
				f.Fatal(err)
			}
			f.Add(wire)
		}
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		m := new(dns.Msg)
		if m.Unpack(wire) != nil {
			return
		}
		before, packed := m.String(), canPack(m)
		got := Refresh(m, managed(t))
		if m.String() != before {
			t.Errorf("the original was changed to %s", m)
		}
		if packed && len(got.Answer)+len(got.Extra) < 100 && !canPack(got) {
			t.Errorf("cannot be packed any more:\n%s", got)
		}
	})
}

func canPack(m *dns.Msg) bool {
	m.Compress = true
	_, err := m.Pack()
	return err == nil
}
