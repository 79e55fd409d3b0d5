package test

import (
	"net"
	"net/http"
	"testing"
)

// A server that listens on ::1 checks targets on ::1 and answers with them.
func TestIPv6(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skipf("no IPv6 on this machine: %v", err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	web := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
	go web.Serve(l)
	defer web.Close()
	s := start(t, `
	example.org:$dns {
		bind ::1
		failover {
			record by-address {
				primary ::1
				check http :$web {
					`+fast+`
				}
			}
			record by-host {
				primary 2001:db8::1
				check http [::1]:$web/ {
					`+fast+`
				}
			}
			record by-probe {
				primary {
					endpoint 192.0.2.1 probe ::1 port $web
				}
				check tcp {
					`+fast+`
				}
			}
			all_down nodata
		}
	}`, vars{"web": port, "dns": freePort(t, "::1"), "ip": "[::1]"})
	tests := []struct{ name, qtype, want string }{
		{"by-address.example.org", "AAAA", "AAAA ::1"},
		{"by-host.example.org", "AAAA", "AAAA 2001:db8::1"},
		{"by-probe.example.org", "A", "A 192.0.2.1"},
	}
	eventually(t, "all checks pass", func() bool { return s.log.count("unknown -> up") == len(tests) })
	for _, test := range tests {
		if got := s.ask(test.name, test.qtype); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
	web.Close()
	for _, test := range tests {
		becomes(t, test.name, "NODATA SOA", func() string { return s.ask(test.name, test.qtype) })
	}
}
