package pool

import (
	"fmt"
	"slices"
	"testing"

	"github.com/miekg/dns"
)

func TestAddressesOfAReply(t *testing.T) {
	r := said(5, "192.0.2.10 192.0.2.11 192.0.2.10 2001:db8::10 ::ffff:192.0.2.11")
	r.Addrs[2].Header().Ttl = 1
	r.Addrs = append(r.Addrs, &dns.A{}, &dns.TXT{}) // without an address
	var got []string
	for addr, rr := range r.All() {
		got = append(got, fmt.Sprint(addr, " for ", rr.Header().Ttl))
	}
	want := []string{"192.0.2.10 for 5", "192.0.2.11 for 5", "2001:db8::10 for 5", "::ffff:192.0.2.11 for 5"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for addr := range r.All() {
		if addr != ips("192.0.2.10")[0] {
			t.Errorf("%s follows the end of the loop", addr)
		}
		break
	}
	for addr := range (*Reply)(nil).All() {
		t.Errorf("no reply has %s", addr)
	}
}
