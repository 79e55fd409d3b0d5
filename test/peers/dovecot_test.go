package peers

import (
	"os"
	"strings"
	"testing"
	"time"
)

// IMAP and POP3, with TLS from the start and with STARTTLS.
func TestDovecot(t *testing.T) {
	dovecot, d := find(t, "dovecot"), dir(t)
	ca := issue(t, "authority", -time.Hour, 90*day, nil)
	pair := issue(t, "example.org", -time.Hour, 30*day, ca)
	imap, imaps, pop3 := freePort(t), freePort(t), freePort(t)
	protocols := "imap"
	if _, err := os.Stat("/usr/lib/dovecot/pop3-login"); err == nil {
		protocols += " pop3"
	}
	config := write(t, d+"/dovecot.conf", "protocols = "+protocols+"\nbase_dir = "+d+"/run\nlog_path = /dev/stderr\nlisten = 127.0.0.1\n"+
		"default_internal_user = nobody\ndefault_internal_group = nogroup\ndefault_login_user = nobody\nssl = yes\nssl_cert = <"+pair.cert+
		"\nssl_key = <"+pair.key+"\npassdb {\n driver = static\n args = nopassword=y\n}\n"+
		"service anvil {\n chroot =\n}\nservice stats {\n chroot =\n}\n"+
		"service imap-login {\n chroot =\n inet_listener imap {\n  port = "+imap+"\n }\n inet_listener imaps {\n  port = "+imaps+"\n }\n}\n"+
		"service pop3-login {\n chroot =\n inet_listener pop3 {\n  port = "+pop3+"\n }\n inet_listener pop3s {\n  port = 0\n }\n}\n")
	start(t, dovecot, "-F", "-c", config)
	trust := "\ntls_ca " + ca.cert + "\n"

	parse(t, "127.0.0.1", "check tls :"+imaps+" {"+trust+`
		expect "^\* OK"
		send   "a LOGOUT\r\n"
		expect "^a OK"
	}`).becomes(t, "")
	parse(t, "127.0.0.1", "check tcp :"+imap+" {"+trust+`
		expect "^\* OK"
		send   "a STARTTLS\r\n"
		expect "^a OK"
		starttls
		send   "b LOGOUT\r\n"
		expect "^b OK"
	}`).becomes(t, "")
	parse(t, "127.0.0.1", "check http :"+imap).gives(t, `answer is not HTTP: "* OK `)
	if strings.Contains(protocols, "pop3") {
		parse(t, "127.0.0.1", "check tcp :"+pop3+" {"+trust+`
			expect "^\+OK"
			send   "STLS\r\n"
			expect "^\+OK"
			starttls
			send   "QUIT\r\n"
			expect "^\+OK"
		}`).becomes(t, "")
	}
}
