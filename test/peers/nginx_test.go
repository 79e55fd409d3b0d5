package peers

import (
	"os"
	"syscall"
	"testing"
	"time"
)

// A renewed certificate is seen as soon as nginx has loaded it.
func TestNginx(t *testing.T) {
	nginx, d, port := find(t, "nginx"), dir(t), freePort(t)
	ca := issue(t, "authority", -time.Hour, 90*day, nil)
	old, renewed := issue(t, "example.org", -time.Hour, day, ca), issue(t, "example.org", -time.Hour, 30*day, ca)
	both := write(t, d+"/both.pem", read(t, old.both))
	config := write(t, d+"/nginx.conf", "daemon off;\npid "+d+"/pid;\nerror_log stderr notice;\nevents {}\nhttp {\naccess_log off;\n"+
		"client_body_temp_path "+d+"/a;\nproxy_temp_path "+d+"/b;\nfastcgi_temp_path "+d+"/c;\nuwsgi_temp_path "+d+"/d;\nscgi_temp_path "+d+"/e;\n"+
		"server {\nlisten 127.0.0.1:"+port+" ssl http2;\nssl_certificate "+both+";\nssl_certificate_key "+both+";\n}\n}\n")
	p := start(t, nginx, "-c", config, "-e", "stderr")
	with := func(property string) check {
		return parse(t, "127.0.0.1", "check tls :"+port+" {\ntls_ca "+ca.cert+"\n"+property+"\n}")
	}
	lasting := with("min_validity 336h")
	with("alpn h2").becomes(t, "")
	with("alpn imap").gives(t, "TLS handshake: remote error: tls: no application protocol")
	lasting.gives(t, "certificate expires at ")
	write(t, both, read(t, renewed.both))
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	lasting.becomes(t, "")
	lives(t, p, lasting, "TLS handshake: context deadline exceeded")
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
