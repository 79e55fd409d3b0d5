package peers

import (
	"testing"
	"time"
)

// HAProxy rejects connections without the header, and answers with the address in it.
func TestHAProxyAcceptProxy(t *testing.T) {
	haproxy, d, plain, secure := find(t, "haproxy"), dir(t), freePort(t), freePort(t)
	ca := issue(t, "authority", -time.Hour, 90*day, nil)
	pair := issue(t, "example.org", -time.Hour, 30*day, ca)
	config := write(t, d+"/haproxy.cfg", "defaults\nmode http\ntimeout client 5s\ntimeout connect 1s\ntimeout server 1s\n"+
		"frontend web\nbind 127.0.0.1:"+plain+" accept-proxy\nbind 127.0.0.1:"+secure+" accept-proxy ssl crt "+pair.both+"\n"+
		"http-request redirect location http://%[req.hdr(host)]/all if { path /redirect }\n"+
		"http-request wait-for-body time 1s if { method PUT }\n"+
		"http-request return status 200 content-type text/plain lf-string \"src %[src] dst %[dst]:%[dst_port] host %[req.hdr(host)] said %[req.body]\"\n")
	start(t, haproxy, "-db", "-f", config)
	http := func(properties string) check {
		return parse(t, "127.0.0.1", "check http :"+plain+"/redirect {\nstatus 200\nredirects 1\n"+properties+"\n}")
	}
	body := "\nbody \"^src 127.0.0.1 dst 127.0.0.1:" + plain + " host example.org:" + plain + " said $\""
	http("proxy_protocol v1"+body).becomes(t, "")
	http("proxy_protocol v2"+body).gives(t, "")
	http("").gives(t, "waiting for the answer: connection ")
	parse(t, "127.0.0.1", "check http :"+plain+` {
		proxy_protocol v2
		method PUT
		host web.example.net:8443
		payload "{\"deep\": \"yes\"}"
		body "host web.example.net:8443 said \{\"deep\": \"yes\"\}$"
	}`).gives(t, "")
	for _, kind := range []string{"https", "tls"} {
		text := "check " + kind + " :" + secure + " {\ntls_ca " + ca.cert
		parse(t, "127.0.0.1", text+"\nproxy_protocol v1\n}").gives(t, "")
		parse(t, "127.0.0.1", text+"\nproxy_protocol v2\n}").gives(t, "")
		parse(t, "127.0.0.1", text+"\n}").gives(t, "TLS handshake: ")
	}
	parse(t, "127.0.0.1", "check tls :"+secure+" {\ntls_ca "+ca.cert+`
		proxy_protocol v2
		send   "GET / HTTP/1.0\r\n\r\n"
		expect "src 127\.0\.0\.1 "
	}`).gives(t, "")
	parse(t, "127.0.0.1", "check tcp :"+plain+` {
		proxy_protocol v1
		send   "GET / HTTP/1.0\r\n\r\n"
		expect "src 127\.0\.0\.1 "
	}`).gives(t, "")
}

func TestNginxProxyProtocol(t *testing.T) {
	nginx, d, port := find(t, "nginx"), dir(t), freePort(t)
	config := write(t, d+"/nginx.conf", "daemon off;\npid "+d+"/pid;\nerror_log stderr notice;\nevents {}\nhttp {\naccess_log off;\n"+
		"client_body_temp_path "+d+"/a;\nproxy_temp_path "+d+"/b;\nfastcgi_temp_path "+d+"/c;\nuwsgi_temp_path "+d+"/d;\nscgi_temp_path "+d+"/e;\n"+
		"server {\nlisten 127.0.0.1:"+port+" proxy_protocol;\nlocation /to { return 302 /at; }\n"+
		"location / { return 200 \"$proxy_protocol_addr $proxy_protocol_server_port\"; }\n}\n}\n")
	start(t, nginx, "-c", config, "-e", "stderr")
	for _, version := range []string{"v1", "v2"} {
		parse(t, "127.0.0.1", "check http :"+port+"/to {\nredirects 1\nstatus 200\nproxy_protocol "+version+
			"\nbody \"^127.0.0.1 "+port+"$\"\n}").becomes(t, "")
	}
	parse(t, "127.0.0.1", "check http :"+port).gives(t, "waiting for the answer: connection ")
}
