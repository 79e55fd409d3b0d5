package answer

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/coredns/coredns/plugin/test"

	"github.com/miekg/dns"
)

func TestRecordsShareNothingThatCanBeChanged(t *testing.T) {
	r := new(dns.Msg).SetQuestion("app.example.org.", dns.TypeA)
	kept := rrs(t, "app.example.org. 5 IN A 192.0.2.1", "app.example.org. 5 IN A 192.0.2.2")
	m := Records(r, kept[:1])
	m.Answer[0] = test.A("app.example.org. 5 IN A 192.0.2.9")
	m.Answer = append(m.Answer, test.A("app.example.org. 5 IN A 192.0.2.9"))
	if kept[0].(*dns.A).A.String() != "192.0.2.1" || kept[1].(*dns.A).A.String() != "192.0.2.2" {
		t.Errorf("a change of the answer wrote into what is shared: %v", kept)
	}
	if !m.Authoritative || !m.Response || m.Question[0] != r.Question[0] {
		t.Errorf("not a reply: %s", m)
	}
}

// A reply is what dns.Msg.SetReply makes, with AA, for any number of records.
func TestRecordsAreAReply(t *testing.T) {
	for n := range 8 {
		r := new(dns.Msg).SetQuestion("aPp.example.org.", dns.TypeA)
		r.RecursionDesired, r.CheckingDisabled, r.AuthenticatedData = n%2 == 0, n%3 == 0, true
		want := new(dns.Msg)
		want.SetReply(r)
		want.Authoritative = true
		for i := range n + 1 {
			want.Answer = append(want.Answer, test.A(fmt.Sprintf("app.example.org. 5 IN A 192.0.2.%d", i)))
		}
		got := Records(r, want.Answer)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if &got.Answer[0] == &want.Answer[0] {
			t.Error("the answer is not a copy")
		}
		r.Question[0].Name = "elsewhere."
		if got.Question[0] != want.Question[0] {
			t.Error("the question is not a copy")
		}
	}
}
