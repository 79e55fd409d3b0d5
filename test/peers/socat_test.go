package peers

import "testing"

func TestUDPEcho(t *testing.T) {
	socat, port := find(t, "socat"), freePort(t)
	p := start(t, socat, "UDP4-RECVFROM:"+port+",bind=127.0.0.1,fork", "EXEC:cat")
	c := parse(t, "127.0.0.1", "check udp :"+port+` {
		send   "ping\x00"
		expect "\Aping\x00\z"
	}`)
	c.becomes(t, "")
	parse(t, "127.0.0.1", "check udp :"+port).gives(t, "")
	p.end() // its children, which have the socket too, end a moment later
	c.becomes(t, `expect "\Aping\x00\z": connection refused`)
	parse(t, "127.0.0.1", "check udp :"+port).gives(t, "waiting for the answer: connection refused")
}
