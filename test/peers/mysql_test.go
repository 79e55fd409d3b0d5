package peers

import "testing"

func TestMariaDB(t *testing.T) {
	mariadbd, install := find(t, "mariadbd"), find(t, "mariadb-install-db")
	data, port := dir(t), freePort(t)
	if out, err := command(install, "--no-defaults", "--datadir="+data, "--auth-root-authentication-method=normal",
		"--skip-test-db").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	p := start(t, mariadbd, "--no-defaults", "--datadir="+data, "--socket="+data+"/socket", "--bind-address=127.0.0.1",
		"--port="+port)
	lives(t, p, parse(t, "127.0.0.1", readme(t, "check tcp :3306", port)), `expect "\A[\s\S]{3}\x00\n": `)
}
