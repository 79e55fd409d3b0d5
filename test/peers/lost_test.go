package peers

import "testing"

// On a host without a route for IPv6, a site fails over when its IPv4 address is down, and
// fails back.
func TestNoRouteForIPv6(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	socat := find(t, "socat")
	web := func() *program {
		return run(t, command(socat, "TCP4-LISTEN:18119,bind=127.77.0.1,fork,reuseaddr", "/dev/null"))
	}
	primary := web()
	run(t, command(socat, "TCP4-LISTEN:18119,bind=127.77.0.2,fork,reuseaddr", "/dev/null"))
	s := startServer(t, `
		.:$port {
			bind 127.0.0.1
			failover www.example.org {
				primary 127.77.0.1 2001:db8:a::10
				secondary 127.77.0.2 2001:db8:b::10
				check tcp :18119 {
					interval 200ms
					fall 3
					rise 2
				}
			}
		}`)
	s.answers(t, "www.example.org", "AAAA", "NOERROR AAAA 2001:db8:a::10")
	s.logged(t, "127.77.0.1: unknown -> up")
	primary.end()
	s.answers(t, "www.example.org", "A", "NOERROR A 127.77.0.2")
	s.answers(t, "www.example.org", "AAAA", "NOERROR AAAA 2001:db8:b::10")
	s.logged(t, "2001:db8:a::10 of pool primary cannot be asked (connect: network is unreachable) and counts as down")
	web()
	s.answers(t, "www.example.org", "A", "NOERROR A 127.77.0.1")
	s.answers(t, "www.example.org", "AAAA", "NOERROR AAAA 2001:db8:a::10")
}
