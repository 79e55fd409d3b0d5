package peers

import (
	"os/exec"
	"testing"
)

// The daemon of Dovecot greets with PREAUTH, as over SSH.
func TestIMAP(t *testing.T) {
	imap, home := find(t, "imap", "/usr/lib/dovecot/imap"), dir(t)
	config := write(t, home+"/dovecot.conf", "protocols = imap\nbase_dir = "+home+"/run\nlog_path = "+home+
		"/log\nmail_location = mbox:"+home+"/mail\nstats_writer_socket_path =\n")
	port := inetd(t, func() *exec.Cmd {
		cmd := command(imap, "-c", config)
		cmd.Env = append(cmd.Env, "HOME="+home)
		return cmd
	})
	parse(t, "127.0.0.1", readme(t, "check tcp :143", port)).becomes(t, "")
}
