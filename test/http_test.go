package test

import (
	"net"
	"testing"

	"github.com/coredns-failover/failover/test/kit"
)

// Each property of an http check, as it passes and as it fails.
func TestCheckHTTP(t *testing.T) {
	t.Parallel()
	s := prepare(t, nil)
	s.vars["site"] = loopback()
	s.vars["web"], s.vars["closing"] = freePort(t, s.vars["site"]), freePort(t, s.vars["site"])
	s.vars["noise"], s.vars["closed"] = freePort(t, s.vars["site"]), freePort(t, s.vars["site"])
	s.write("password", "s3cret word\n")
	s.write("token", "t0ken\n")
	serveSite(t, s.vars["site"], s.vars["web"], nil)
	kit.ListenOn(t, s.vars["site"]+":"+s.vars["closing"], func(net.Conn) {})
	kit.ListenOn(t, s.vars["site"]+":"+s.vars["noise"], func(c net.Conn) { c.Write([]byte("SSH-2.0-noise\r\n\r\n")) })
	expectVerdicts(t, s, []verdict{
		{check: "http :$web/status/200", pass: true},
		{check: "http :$web/status/399", pass: true},
		{check: "http :$web/status/301", pass: true},
		{check: "http :$web/status/400"},
		{check: "http :$web/status/503"},
		{check: "http :$web/nosuch"},
		{check: "http :$web/slow"},
		{check: "http :$web/half; body half"},
		{check: "http :$closing/"},
		{check: "http :$noise/"},
		{check: "http :$closed/"},

		{check: "http :$web/status/503; status 503", pass: true},
		{check: "http :$web/status/204; status 500-599 200-204", pass: true},
		{check: "http :$web/status/205; status 500-599 200-204"},
		{check: "http :$web/status/200; status 404"},

		{check: `http :$web/body/well; body "all is w.ll\nreally$"`, pass: true},
		{check: "http :$web/body/ill; body well"},
		{check: "http :$web/body/well; body_not ill", pass: true},
		{check: "http :$web/body/chilly; body_not ill"},
		{check: "http :$web/body/well; body well; body_not ill", pass: true},
		{check: "http :$web/long; body ^first", pass: true},
		{check: "http :$web/long; body last"},
		{check: "http :$web/long; body_not last", pass: true},
		{check: "http :$web/endless; body_not ill", pass: true},

		{check: "http :$web/method/GET", pass: true},
		{check: "http :$web/method/HEAD; method HEAD", pass: true},
		{check: "http :$web/method/GET; method OPTIONS"},

		{check: "http :$web/host/app.example.org", pass: true},
		{check: "http :$web/host/www.example.net; host www.example.net", pass: true},
		{check: "http :$web/host/app.example.org; host www.example.net"},

		{check: "http :$web/authority/app.example.org:$web", pass: true},
		{check: "http :$web/authority/www.example.net:$web; host www.example.net", pass: true},
		{check: "http :$web/authority/www.example.net:8443; host www.example.net:8443", pass: true},
		{check: "http :$web/authority/www.example.net; host www.example.net:8443"},
		{check: "http :$web/absolute/authority/app.example.org:$web; redirects 1; status 200", pass: true},
		{check: "http :$web/absolute/authority/www.example.net:8443; host www.example.net:8443; redirects 1; status 200", pass: true},

		{check: "http :$web/payload/ping; payload ping", pass: true},
		{check: `http :$web/payload/a%20%22b%22; method POST; payload "a \"b\""`, pass: true},
		{check: "http :$web/payload/t0ken%0A; method PUT; payload file:token", pass: true},
		{check: "http :$web/absolute/payload/ping; method POST; payload ping; redirects 1; status 200", pass: true},
		{check: "http :$web/payload/pong; payload ping"},
		{check: "http :$web/payload/ping"},

		{check: `http :$web/header/X-Key/one; header X-Key one`, pass: true},
		{check: `http :$web/header/X-Key/one+two; header X-Key one; header X-Key two`, pass: true},
		{check: `http :$web/header/X-Key/one; header X-Key two`},
		{check: `http :$web/header/X-Key/t0ken; header X-Key file:token`, pass: true},
		{check: `http :$web/header/X-At/$site; header X-At {endpoint}`, pass: true},

		{check: `http :$web/login; basic_auth prober "s3cret word"`, pass: true},
		{check: "http :$web/login; basic_auth prober file:password", pass: true},
		{check: "http :$web/login; basic_auth prober wrong"},
		{check: "http :$web/login"},
		{check: "http :$web/header/Authorization/Bearer%20t0ken; bearer t0ken", pass: true},
		{check: "http :$web/header/Authorization/Bearer%20t0ken; bearer file:token", pass: true},
		{check: "http :$web/header/Authorization/Bearer%20t0ken; bearer wrong"},

		{check: "http :$web/hop/1; status 200"},
		{check: "http :$web/hop/1; status 302", pass: true},
		{check: "http :$web/hop/1; status 200; redirects 1", pass: true},
		{check: "http :$web/hop/3; status 200; redirects 2"},
		{check: "http :$web/hop/10; status 200; redirects 10", pass: true},
		{check: "http :$web/loop; redirects 10; status 200"},

		{check: "http :$web/query?deep=1&x=%20", pass: true},
		{check: "http :$web/query?deep=2"},
		{check: "http :$web/at/{endpoint}", pass: true},
		{check: "http /status/200", pass: true, endpoint: "192.0.2.2 probe $site port $web"},
		{check: "http /status/200", endpoint: "192.0.2.2 probe $site port $closed"},
		{check: "http $site:$web/status/200", pass: true, endpoint: "192.0.2.3"},
		{check: "http $site:$closed/status/200", endpoint: "192.0.2.3"},
		{check: "http {endpoint}:$web/status/200", pass: true},
	})
}

// A secret is read again when its file changes.
func TestSecretInFile(t *testing.T) {
	t.Parallel()
	s := prepare(t, nil)
	s.vars["site"] = loopback()
	s.vars["web"] = freePort(t, s.vars["site"])
	serveSite(t, s.vars["site"], s.vars["web"], nil)
	s.write("token", "t0ken")
	s.serve(`
	example.org:$dns {
		bind $ip
		failover app.example.org {
			all_down nodata
			primary $site
			check http :$web/header/Authorization/Bearer%20t0ken {
				bearer file:token
				` + fast + `
			}
		}
	}`)
	s.waitFor("unknown -> up")
	for _, token := range []string{"wr0ng", "t0ken"} {
		s.write("token", token)
		want := map[string]string{"wr0ng": "NODATA SOA", "t0ken": "A " + s.vars["site"]}[token]
		becomes(t, "with the token "+token, want, func() string { return s.ask("app.example.org", "A") })
	}
	for _, secret := range []string{"t0ken", "wr0ng"} {
		// The path of the check has t0ken in it, after "Bearer".
		if n := s.log.count(secret) - s.log.count("Bearer%20"+secret); n != 0 {
			t.Errorf("the log has the secret %s", secret)
		}
	}
}
