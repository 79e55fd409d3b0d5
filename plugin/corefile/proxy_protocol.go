package corefile

// proxyProperties are those of checks that make one TCP connection. They set the
// version of the header.
var proxyProperties = properties[*byte]{
	"proxy_protocol": {usage: "proxy_protocol v1|v2", min: 1, max: 1, read: readProxyProtocol},
}

func readProxyProtocol(version *byte, l line) error {
	switch s := l.words[1]; s {
	case "v1":
		*version = 1
	case "v2":
		*version = 2
	default:
		return l.expected(s, "v1 or v2")
	}
	return nil
}
