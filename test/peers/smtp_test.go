package peers

import (
	"os/exec"
	"testing"
)

// The daemon of Postfix runs alone here, as under inetd.
func TestSMTP(t *testing.T) {
	smtpd, config := find(t, "smtpd", "/usr/lib/postfix/sbin/smtpd"), dir(t)
	write(t, config+"/master.cf", "")
	write(t, config+"/main.cf", "compatibility_level = 3.6\nmyhostname = mail.example.org\nqueue_directory = "+config+
		"\ndata_directory = "+config+"\nsmtpd_recipient_restrictions = reject\nsmtpd_peername_lookup = no\n")
	port := inetd(t, func() *exec.Cmd {
		cmd := command(smtpd, "-S")
		cmd.Env = append(cmd.Env, "MAIL_CONFIG="+config)
		return cmd
	})
	parse(t, "127.0.0.1", readme(t, "check tcp :25", port)).becomes(t, "")
}
