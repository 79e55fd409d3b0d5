package peers

import "testing"

func TestRedis(t *testing.T) {
	redis, port := find(t, "redis-server"), freePort(t)
	p := start(t, redis, "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", dir(t))
	lives(t, p, parse(t, "127.0.0.1", readme(t, "check tcp :6379", port)), `expect "^\+PONG\r$": `)
}

// The dialogue sends the password that the server requires.
func TestRedisWithPassword(t *testing.T) {
	redis, port := find(t, "redis-server"), freePort(t)
	start(t, redis, "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", dir(t), "--requirepass", "s3cret")
	ping := "\nsend \"PING\\r\\n\"\nexpect \"^\\+PONG\"\n}"
	parse(t, "127.0.0.1", "check tcp :"+port+" {\nsend \"AUTH s3cret\\r\\n\"\nexpect \"^\\+OK\""+ping).becomes(t, "")
	parse(t, "127.0.0.1", "check tcp :"+port+" {"+ping).gives(t, `expect "^\+PONG": `)
}
