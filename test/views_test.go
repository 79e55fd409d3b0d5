package test

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// views are named after their clients. The lookups of the server itself are in "home".
var views = map[string]string{"home": "127.0.0.1", "away": "127.7.7.7"}

// viewed is the text of the server blocks of a view. Only its own gslb.test has TARGET.
const viewed = `
	example.org:$dns {
		bind $ip
		view VIEW {
			expr incidr(client_ip(), 'CLIENT/32')
		}
		failover {
			check none
			record next *.apps {
				primary next
			}
			record host {
				primary led.example.org
			}
			record direct {
				primary www.gslb.test
			}
			record directalias {
				primary www.gslb.test {
					as cname
				}
				secondary 192.0.2.99
			}
			record alias {
				primary led.example.org {
					as cname
				}
			}
		}
		file $dir/zone
	}
	gslb.test:$dns {
		bind $ip
		view VIEW {
			expr incidr(client_ip(), 'CLIENT/32')
		}
		hosts {
			TARGET www.gslb.test
		}
	}
`

// askFrom queries A from a source address.
func (s *server) askFrom(ip, name string) string {
	s.Helper()
	from := &net.Dialer{LocalAddr: &net.UDPAddr{IP: net.ParseIP(ip)}}
	m := s.exchange(&dns.Client{Dialer: from}, question(name, "A"), s.addr("dns"))
	m.Ns = nil
	return short(m)
}

// A CNAME into another server block is resolved in the block of the same view.
func TestViews(t *testing.T) {
	t.Parallel()
	s := prepare(t, nil)
	s.write("zone", zoneFile+"next CNAME www.gslb.test.\nled CNAME www.gslb.test.\n*.apps CNAME www.gslb.test.\n")
	corefile := ""
	for view, client := range views {
		corefile += strings.NewReplacer("VIEW", view, "CLIENT", client, "TARGET", "192.0.2."+client[len(client)-1:]).Replace(viewed)
	}
	s.serve(corefile)
	for view, client := range views {
		addr := "192.0.2." + client[len(client)-1:]
		for name, want := range map[string]string{
			"next.example.org":   "CNAME www.gslb.test. A " + addr,
			"x.apps.example.org": "CNAME www.gslb.test. A " + addr,
			"host.example.org":   "A " + addr,
			"direct.example.org": "A " + addr,
			"alias.example.org":  "CNAME led.example.org. CNAME www.gslb.test. A " + addr,

			"directalias.example.org": "CNAME www.gslb.test. A " + addr,
		} {
			becomes(t, fmt.Sprintf("%s in view %s", name, view), want, func() string { return s.askFrom(client, name) })
		}
	}
}
