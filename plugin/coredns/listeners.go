package coredns

import (
	"net"
	"slices"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"
)

// Listeners returns the addresses on which the server block of c listens, as they are in the
// label "server" of the metrics of CoreDNS (dnsserver.Server.Addr). It may be called from
// OnStartup on, when the servers are not made yet. It would end with a method of
// dnsserver.Config that returns these addresses.
func Listeners(c *caddy.Controller) []string {
	var servers []string
	for i := range max(1, len(c.ServerBlockKeys)) {
		key := *c
		key.ServerBlockKeyIndex = i
		cfg := dnsserver.GetConfig(&key)
		for _, host := range cfg.ListenHosts {
			addr := cfg.Transport + "://" + listenAddr(host, cfg.Port)
			if !slices.Contains(servers, addr) {
				servers = append(servers, addr)
			}
		}
	}
	return servers
}

func listenAddr(host, port string) string {
	hostport := net.JoinHostPort(host, port)
	if addr, err := net.ResolveTCPAddr("tcp", hostport); err == nil {
		return addr.String()
	}
	return hostport
}
