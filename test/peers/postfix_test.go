package peers

import (
	"errors"
	"maps"
	"os"
	"os/exec"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The whole of Postfix runs, because its daemon does no TLS on its own.
func TestPostfix(t *testing.T) {
	ca := issue(t, "authority", -time.Hour, 90*day, nil)
	port := startPostfix(t, issue(t, "mail.example.net", -time.Hour, 30*day, ca))
	text := readme(t, "check tcp :587", port)
	with := func(properties string) check {
		return parse(t, "127.0.0.1", strings.TrimSuffix(text, "}")+properties+"\n}")
	}
	with("tls_server_name mail.example.net\ntls_ca "+ca.cert).becomes(t, "")
	with("tls_insecure\ntls_versions 1.3").gives(t, "")
	with("tls_ca "+ca.cert).gives(t, "TLS handshake: x509: certificate is valid for mail.example.net, not example.org")
	with("tls_server_name mail.example.net").gives(t, "TLS handshake: x509: certificate signed by unknown authority")

	parse(t, "127.0.0.1", "check tcp :"+port+" {\nstarttls\ntls_insecure\n}").gives(t, "TLS handshake: answer is not TLS")
	parse(t, "127.0.0.1", "check tls :"+port+" {\ntls_insecure\n}").gives(t, `TLS handshake: answer is not TLS: "220 mail.example.org ESMTP Postfix"`)
	parse(t, "127.0.0.1", "check http :"+port).gives(t, `answer is not HTTP: "220 mail.example.org ESMTP Postfix"`)
}

// startPostfix starts Postfix as root, which it requires, and returns its port.
func startPostfix(t *testing.T, p *pair) string {
	t.Helper()
	master := find(t, "master", "/usr/lib/postfix/sbin/master")
	owner, err := user.Lookup("postfix")
	if err != nil || os.Getuid() != 0 {
		t.Skip("Postfix needs root and a user postfix")
	}
	uid, _ := strconv.Atoi(owner.Uid)
	d, port := dir(t), freePort(t)
	dirs := map[string]int{"": 0, "/data": uid, "/queue": 0, "/queue/pid": 0, "/queue/private": uid, "/queue/public": uid}
	for _, name := range slices.Sorted(maps.Keys(dirs)) {
		err := errors.Join(os.MkdirAll(d+name, 0o755), os.Chmod(d+name, 0o755), os.Chown(d+name, dirs[name], -1)) // #nosec G301 G302 -- read by postfix
		if err != nil {
			t.Fatal(err)
		}
	}
	asRoot(t, d+"/main.cf", "compatibility_level = 3.6\nmyhostname = mail.example.org\nmydestination =\nqueue_directory = "+d+
		"/queue\ndata_directory = "+d+"/data\ninet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nalias_maps =\nalias_database =\n"+
		"smtpd_recipient_restrictions = reject\nsmtpd_peername_lookup = no\nsmtpd_tls_security_level = may\nsmtpd_tls_cert_file = "+p.cert+
		"\nsmtpd_tls_key_file = "+p.key+"\nsmtpd_tls_session_cache_database =\nmaillog_file = /dev/stdout\n")
	asRoot(t, d+"/master.cf", "127.0.0.1:"+port+" inet n - n - - smtpd\n"+
		"tlsmgr unix - - n 1000? 1 tlsmgr\nanvil unix - - n - 1 anvil\npostlog unix-dgram n - n - 1 postlogd\n"+
		"proxymap unix - - n - - proxymap\nrewrite unix - - n - - trivial-rewrite\n")
	cmd := exec.Command(master, "-c", d, "-d")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	run(t, cmd)
	return port
}

func asRoot(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil { // #nosec G306 -- read by postfix
		t.Fatal(err)
	}
}
