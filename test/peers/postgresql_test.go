package peers

import (
	"path/filepath"
	"testing"
)

func TestPostgreSQL(t *testing.T) {
	p, port := startPostgreSQL(t)
	lives(t, p, parse(t, "127.0.0.1", readme(t, "check tcp :5432", port)), `expect "\A[SN]": `)
}

// startPostgreSQL starts a new database and returns its port.
func startPostgreSQL(t *testing.T, args ...string) (p *program, port string) {
	t.Helper()
	postgres, data, port := find(t, "postgres", "/usr/lib/postgresql/*/bin/postgres"), dir(t), freePort(t)
	initdb := command(filepath.Join(filepath.Dir(postgres), "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-N")
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	args = append([]string{"-D", data, "-h", "127.0.0.1", "-p", port, "-k", data}, args...)
	return start(t, postgres, args...), port
}
