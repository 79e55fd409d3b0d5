package peers

import (
	"testing"
	"time"
)

func TestHAProxy(t *testing.T) {
	haproxy, d, plain, secure, admin := find(t, "haproxy"), dir(t), freePort(t), freePort(t), freePort(t)
	ca := issue(t, "authority", -time.Hour, 90*day, nil)
	pair := issue(t, "example.org", -time.Hour, 30*day, ca)
	config := write(t, d+"/haproxy.cfg", "global\nstats socket ipv4@127.0.0.1:"+admin+" level admin\n"+
		"defaults\nmode http\ntimeout client 5s\ntimeout connect 1s\ntimeout server 1s\n"+
		"frontend web\nbind 127.0.0.1:"+plain+"\nbind 127.0.0.1:"+secure+" ssl crt "+pair.both+" alpn h2,http/1.1\n"+
		"monitor-uri /alive\nmonitor fail if { nbsrv(site) lt 1 }\nbackend site\nserver a 127.0.0.1:"+freePort(t)+"\n")
	p := start(t, haproxy, "-db", "-f", config)
	parse(t, "127.0.0.1", "check tls :"+secure+" {\ntls_ca "+ca.cert+"\nalpn http/1.1\nmin_validity 336h\n}").becomes(t, "")

	alive := parse(t, "127.0.0.1", "check tcp :"+plain+` {
		send   "GET /alive HTTP/1.0\r\n\r\n"
		expect "^HTTP/1\.[01] 200 "
	}`)
	disable := func(what string) check {
		return parse(t, "127.0.0.1", "check tcp :"+admin+" {\nsend \""+what+` server site/a\n"
		expect "^\n"
	}`)
	}
	alive.becomes(t, "")
	disable("disable").gives(t, "")
	alive.becomes(t, `expect "^HTTP/1\.[01] 200 ": connection closed`)
	disable("enable").gives(t, "")
	lives(t, p, alive, `expect "^HTTP/1\.[01] 200 ": context deadline exceeded`)
}
