package lifecycle

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// A generation reads the authorities once: the first call returns that there are none, and
// the others do not repeat it. A process reads the variables once, so it takes another.
func TestReadAuthorities(t *testing.T) {
	const inChild = "FAILOVER_TEST_READ_AUTHORITIES"
	if os.Getenv(inChild) == "" {
		nowhere := filepath.Join(t.TempDir(), "nowhere")
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestReadAuthorities$") // #nosec G204 -- this test
		cmd.Env = append(os.Environ(), inChild+"=1", "SSL_CERT_FILE="+nowhere, "SSL_CERT_DIR="+nowhere)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	g := generation()
	if err := g.ReadAuthorities(); err == nil && os.Getenv(inChild) != "" {
		t.Error("no error without any authority")
	}
	if err := g.ReadAuthorities(); err != nil {
		t.Errorf("the second call returns %v", err)
	}
}
