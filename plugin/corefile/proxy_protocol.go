package corefile

// proxyProperties are those of checks that make one TCP connection.
var proxyProperties = properties[*check]{
	"proxy_protocol": {usage: "proxy_protocol v1|v2", min: 1, max: 1, read: (*check).readProxyProtocol},
}

func (c *check) readProxyProtocol(l line) error {
	switch s := l.words[1]; s {
	case "v1":
		c.proxyProtocol = 1
	case "v2":
		c.proxyProtocol = 2
	default:
		return l.expected(s, "v1 or v2")
	}
	return nil
}
