package corefile

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

// Snippets, imported files and comments work at every depth, on any line.
func TestSnippetsAndImports(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "pool"), "primary 192.0.2.1 {\n\tmin_healthy 1\n}\n")
	text := `(timing) {
	interval 1s
}
(checks) {
	check tcp :80 {
		import timing
	}
	check http { # twice
		import timing
	}
}
example.org {
	failover { # all of it
		import checks
		record a {
			import pool
		}
		# nothing
		record b {
			import pool
			all_down next # or so
		}
	}
	whoami
}`
	config, err := corefile(t, filepath.Join(dir, "Corefile"), text)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range config.Records {
		keys := r.Pools[0].Endpoints[0].Checks
		if len(keys) != 2 || keys[0].Spec.Interval != keys[1].Spec.Interval || keys[0].Spec.Interval.Seconds() != 1 {
			t.Errorf("%s: got %+v", r.Name, keys)
		}
	}
	if got := describe(config.Records[1]); !strings.Contains(got, "b.example.org. in example.org. ttl 5 all_down next\nprimary") {
		t.Errorf("got %s", got)
	}
}

// An import in the first line of a snippet is refused: Caddy gives it the line that
// imports the snippet.
func TestImportInTheFirstLineOfASnippet(t *testing.T) {
	const text = "(a) {\ncheck none\n}\n(b) {\nimport a\nttl 7\n}\n"
	_, err := corefile(t, "Testfile", text+"example.org {\nfailover {\nprimary 192.0.2.1\nimport b\n}\n}")
	refused(t, text, err, 5, "import: expected it after another line")
}

// Lines with the same number in two files are two lines.
func TestImportedLineWithTheNumberOfItsNeighbour(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "pool"), strings.Repeat("\n", 4)+"primary 192.0.2.1\n")
	config, err := corefile(t, filepath.Join(dir, "Corefile"),
		"example.org {\nfailover {\ncheck none\nimport pool\nttl 7\n}\n}")
	if err != nil {
		t.Fatal(err)
	}
	if got := config.Records[0].TTL; got != 7 {
		t.Errorf("got ttl %d, want 7", got)
	}
}

// An error in an imported file names that file and its line.
func TestErrorNamesTheImportedFile(t *testing.T) {
	dir := t.TempDir()
	imported := filepath.Join(dir, "pool")
	writeFile(t, imported, "\nprimary 192.0.2.999\n")
	_, err := corefile(t, filepath.Join(dir, "Corefile"), "example.org {\nfailover {\ncheck none\nimport pool\n}\n}")
	if err == nil || !strings.HasPrefix(err.Error(), imported+":2 - Error during parsing: primary 192.0.2.999: ") {
		t.Errorf("got %v", err)
	}
}

// A variable is one argument. It may have any content where text is expected, and is
// refused where a word is expected and it is none.
func TestVariables(t *testing.T) {
	t.Setenv("SPACES", "pass word")
	t.Setenv("NEWLINE", "one\ntwo")
	t.Setenv("ADDRESSES", "192.0.2.1 192.0.2.2")
	t.Setenv("NUMBER", "7")
	t.Setenv("EMPTY", "")
	t.Setenv("BRACE", "{")
	tests := []struct {
		text   string
		line   int // 0 if it is accepted
		phrase string
	}{
		{"check none\nttl {$NUMBER}\nprimary 192.0.2.1", 0, ""},
		{"check http {\nbody {$NEWLINE}\nmethod GET\n}\nprimary 192.0.2.1", 0, ""},
		{"check http {\nbasic_auth me {$SPACES}\nmethod GET\n}\nprimary 192.0.2.1", 0, ""},
		{"check none\nprimary {$ADDRESSES}", 4, `"192.0.2.1 192.0.2.2" has a space or newline in it`},
		{"check none\nprimary {$NEWLINE}\nttl 5", 4, `"one\ntwo" has a space or newline in it`},
		{"check none\nprimary {$EMPTY}", 4, "primary: an argument is empty: is a variable not set?"},
		{"check none\nprimary {$UNSET_VARIABLE}", 4, "primary: an argument is empty"},
		{"{$EMPTY}\nprimary 192.0.2.1", 3, "a property of failover is empty"},
		{"{$NEWLINE}\nprimary 192.0.2.1", 3, "a property of failover has a space or newline in it: a variable is one argument"},
		{"check http {\nbearer {$SPACES}\n}\nprimary 192.0.2.1", 4, "bearer: an argument has a space or newline in it"},
		{"check http {\nbearer {$EMPTY}\n}\nprimary 192.0.2.1", 4, "bearer: an argument is empty"},
		{"check http {\nbasic_auth me {$NEWLINE}\nmethod GET\n}\nprimary 192.0.2.1", 4, "basic_auth: PASSWORD has a newline"},
		{"check http {\nheader X-A {$NEWLINE}\nmethod GET\n}\nprimary 192.0.2.1", 4, "header: the value of X-A has a newline"},
		{"check none\nprimary {$BRACE}\nendpoint 192.0.2.1", 2, syntax.ErrBraces},
	}
	for _, test := range tests {
		text := "example.org {\nfailover {\n" + test.text + "\n}\n}"
		_, err := corefile(t, "Testfile", text)
		if test.line == 0 {
			if err != nil {
				t.Errorf("%s\nis refused: %v", text, err)
			}
			continue
		}
		refused(t, text, err, test.line, test.phrase)
	}
	text := "example.org\nfailover {$NEWLINE}\nwhoami\n"
	_, err := corefile(t, "Testfile", text)
	refused(t, text, err, 2, "has a space or newline in it")
}

// A value of several lines is one line of the block.
func TestVariableOfSeveralLinesIsKept(t *testing.T) {
	t.Setenv("NEWLINE", "one\ntwo")
	config, err := corefile(t, "Testfile",
		"example.org {\nfailover {\ncheck http {\nbody {$NEWLINE}\nmethod HEAD\n}\nprimary 192.0.2.1\n}\n}")
	if err != nil {
		t.Fatal(err)
	}
	got := config.Records[0].Pools[0].Endpoints[0].Checks[0].Spec.Check.(probe.HTTP)
	if got.Body != "one\ntwo" || got.Method != "HEAD" {
		t.Errorf("got %+v", got)
	}
}
