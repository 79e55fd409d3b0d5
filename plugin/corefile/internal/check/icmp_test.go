package check_test

import (
	"net/netip"
	"testing"

	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/corefile"
)

// The check is refused if and only if this process may not ping.
func TestICMP(t *testing.T) {
	for _, addr := range []string{"192.0.2.1", "2001:db8::1"} {
		text := "failover {\nprimary " + addr + "\ncheck icmp {\ninterval 1s\n}\n}"
		config, err := corefile.Parse(controller(text))
		if reason := probe.CanPing(netip.MustParseAddr(addr)); reason != nil {
			refused(t, text, err, 3, "check icmp: "+reason.Error())
			continue
		}
		if err != nil {
			t.Errorf("%s\nis refused: %v", text, err)
			continue
		}
		if got := config.Records[0].Pools[0].Endpoints[0].Checks[0].Spec.Check; got != (probe.ICMP{}) {
			t.Errorf("%s: got %+v", addr, got)
		}
	}
}
