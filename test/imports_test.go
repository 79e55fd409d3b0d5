package test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/coredns-failover/failover"

// mayImport has the packages of this repository that each package may import. It may list
// packages that do not exist yet, or no longer.
var mayImport = map[string][]string{
	"":                          nil, // everything
	"cmd/coredns":               {""},
	"healthcheck":               {"healthcheck/probe", "healthcheck/timer", "test/kit"}, // probe in tests only
	"healthcheck/dnsreply":      {"test/kit"},
	"healthcheck/internal/dial": {"healthcheck", "healthcheck/dnsreply", "test/kit"},
	"healthcheck/reload":        {"test/kit"},
	"healthcheck/probe":         {"healthcheck", "healthcheck/dnsreply", "healthcheck/internal/dial", "healthcheck/reload", "test/kit"},
	"healthcheck/timer":         {},
	"test/kit":                  {}, // in tests only, wherever it is imported
	"plugin/admin":              {"healthcheck", "healthcheck/reload", "healthcheck/timer", "test/kit", "plugin/event", "plugin/override", "plugin/pool"},
	"plugin/answer":             {"plugin/coredns", "plugin/rr"},
	"plugin/content":            {"healthcheck/timer", "plugin/zone"},
	"plugin/coredns":            {"plugin/zone"},
	"plugin/corefile":           {"healthcheck", "healthcheck/probe", "test/kit", "plugin/corefile/internal/check", "plugin/corefile/internal/syntax", "plugin/corefile/internal/testfile", "plugin/policy", "plugin/pool", "plugin/zone"},
	"plugin/event":              {"healthcheck", "healthcheck/probe", "plugin/pool"},
	"plugin/lifecycle":          {"healthcheck", "healthcheck/probe", "plugin/coredns"},
	"plugin/lookup":             {"healthcheck", "healthcheck/dnsreply", "healthcheck/timer", "plugin/answer", "plugin/coredns", "plugin/pool", "plugin/rr", "plugin/zone"},
	"plugin/metrics":            {"healthcheck", "plugin/event", "plugin/pool"},
	"plugin/notify":             {"healthcheck"},
	"plugin/operate":            {"healthcheck", "healthcheck/probe", "plugin/admin", "plugin/event", "plugin/lifecycle", "plugin/override", "plugin/pool", "plugin/serve", "plugin/state"},
	"plugin/override":           {"healthcheck/timer", "plugin/pool"},
	"plugin/policy":             {"healthcheck", "plugin/pool"}, // healthcheck in tests only
	"plugin/pool":               {"healthcheck", "healthcheck/timer", "plugin/rr"},
	"plugin/rr":                 {},
	"plugin/serve":              {"healthcheck", "plugin/answer", "plugin/content", "plugin/coredns", "plugin/lookup", "plugin/policy", "plugin/pool", "plugin/rr", "plugin/zone"},
	"plugin/state":              {"healthcheck/timer", "plugin/event", "plugin/override", "plugin/pool"},
	"plugin/store":              {"healthcheck"},
	"plugin/zone":               {},
	"test":                      {"test/kit"},
	"test/bench":                {"healthcheck", "healthcheck/probe", "plugin/answer", "plugin/policy", "plugin/pool", "test/flapping"},
	"test/flapping":             {"healthcheck", "plugin/corefile"},
	"test/peers":                {"healthcheck", "healthcheck/probe", "test/kit", "plugin/corefile"}, // all in tests

	"plugin/corefile/internal/check":    {"healthcheck", "healthcheck/probe", "test/kit", "plugin/corefile", "plugin/corefile/internal/syntax", "plugin/corefile/internal/testfile"}, // corefile in tests only
	"plugin/corefile/internal/syntax":   {},
	"plugin/corefile/internal/testfile": {"healthcheck", "plugin/pool"},
}

// A goPackage is what "go list" says of a package.
type goPackage struct {
	ImportPath, Name     string
	Dir, Export          string
	Standard             bool
	GoFiles, TestGoFiles []string
	XTestGoFiles         []string
	Imports, TestImports []string
	XTestImports         []string
}

func TestImports(t *testing.T) {
	t.Parallel()
	packages := list(t, "./...", "./cmd/coredns")
	for _, must := range []string{"", "/healthcheck", "/plugin/corefile", "/plugin/pool", "/plugin/zone", "/cmd/coredns"} {
		if !slices.ContainsFunc(packages, func(p goPackage) bool { return p.ImportPath == module+must }) {
			t.Errorf("%s is not listed", module+must)
		}
	}
	for _, p := range packages {
		name := ours(p.ImportPath)
		allowed, ok := mayImport[name]
		if !ok {
			t.Errorf("%s: say in the table what it may import", name)
		}
		imports := slices.Concat(p.Imports, p.TestImports, p.XTestImports)
		for _, path := range imports {
			isOurs := path == module || strings.HasPrefix(path, module+"/")
			if !isOurs || name == "" || path == p.ImportPath {
				continue
			}
			forTests := isForTests(name, ours(path)) && slices.Contains(p.Imports, path)
			if !slices.Contains(allowed, ours(path)) || forTests {
				t.Errorf("%s imports %s, and may import %q only", name, ours(path), allowed)
			}
		}
	}
}

// isForTests reports whether a package may import another in its tests alone.
func isForTests(name, path string) bool {
	if path == "test/kit" || path == "plugin/corefile/internal/testfile" {
		return true
	}
	switch name {
	case "test/peers":
		return true
	case "healthcheck":
		return path == "healthcheck/probe"
	case "plugin/admin":
		return path == "healthcheck/timer"
	case "plugin/policy":
		return path == "healthcheck"
	case "plugin/corefile/internal/check":
		return path == "plugin/corefile"
	}
	return false
}

// forbidden are the beginnings of paths that the packages of healthcheck must not import:
// the rest of this repository, CoreDNS, and Prometheus.
var forbidden = []string{module + "/", "github.com/coredns/", "github.com/prometheus/"}

// healthcheck and the packages below it depend on nothing else of ours.
func TestHealthcheckIsALeaf(t *testing.T) {
	t.Parallel()
	packages := list(t, "-deps", "./healthcheck/...")
	for _, p := range packages {
		isForbidden := func(path string) bool { return strings.HasPrefix(p.ImportPath, path) }
		if !strings.HasPrefix(p.ImportPath+"/", module+"/healthcheck/") && slices.ContainsFunc(forbidden, isForbidden) {
			t.Errorf("healthcheck depends on %s", p.ImportPath)
		}
	}
	if !slices.ContainsFunc(packages, func(p goPackage) bool { return p.ImportPath == "net/http" }) {
		t.Error("its dependencies are not listed")
	}
}

// plugin/ itself is a folder without Go files.
func TestPluginIsAFolder(t *testing.T) {
	t.Parallel()
	for _, p := range list(t, "./...") {
		if p.ImportPath == module+"/plugin" {
			t.Errorf("plugin has the files %s", p.GoFiles)
		}
	}
}

// ours returns the path of a package within the repository, "" for its root.
func ours(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
}

// list runs "go list" at the root of the repository.
func list(t *testing.T, args ...string) []goPackage {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-json=ImportPath,Name,Dir,Export,Standard,GoFiles,TestGoFiles,XTestGoFiles,Imports,TestImports,XTestImports"}, args...)...)
	cmd.Dir = repository
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var packages []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		switch err := d.Decode(&p); {
		case errors.Is(err, io.EOF):
			return packages
		case err != nil:
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}
