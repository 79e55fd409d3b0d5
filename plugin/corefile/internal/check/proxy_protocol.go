package check

import "github.com/coredns-failover/failover/plugin/corefile/internal/syntax"

// proxyProperties are the properties of checks on one TCP connection. They set the
// version of the PROXY header.
var proxyProperties = syntax.Properties[*byte]{
	"proxy_protocol": {Usage: "proxy_protocol v1|v2", Min: 1, Max: 1, Read: readProxyProtocol},
}

func readProxyProtocol(version *byte, l syntax.Line) error {
	switch s := l.Words[1]; s {
	case "v1":
		*version = 1
	case "v2":
		*version = 2
	default:
		return l.Expected(s, "v1 or v2")
	}
	return nil
}
