package probe

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"os"
	"strings"
	"sync"
	"weak"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/internal/reload"
)

// File is the check "file". It passes if a file says that the endpoint is up.
type File struct {
	Path  string
	Addr  netip.Addr // address of the endpoint; invalid if it is the probed address
	Label string     // name of the endpoint, or ""
}

var _ healthcheck.Check = File{}

// Type returns "file".
func (File) Type() string { return "file" }

// String returns the check as it stands in the Corefile.
func (c File) String() string { return "file " + c.Path }

// Prober returns the prober, which reads the file.
func (c File) Prober() healthcheck.Prober {
	return &fileProber{check: c, file: verdictsOf(c.Path)}
}

type fileProber struct {
	check File
	file  *reload.Value[verdicts]
}

// files has the files that probers read, by path, as long as a prober uses them.
// Probers with different labels share a file.
var files struct {
	mu     sync.Mutex // guards the following
	byPath map[string]weak.Pointer[reload.Value[verdicts]]
}

// verdictsOf returns the content of the file at path, shared by all callers.
func verdictsOf(path string) *reload.Value[verdicts] {
	files.mu.Lock()
	defer files.mu.Unlock()
	if f := files.byPath[path].Value(); f != nil {
		return f
	}
	if files.byPath == nil {
		files.byPath = make(map[string]weak.Pointer[reload.Value[verdicts]])
	}
	maps.DeleteFunc(files.byPath, func(_ string, p weak.Pointer[reload.Value[verdicts]]) bool { return p.Value() == nil })
	f := reload.New(readVerdicts, path)
	files.byPath[path] = weak.Make(f)
	return f
}

// Probe is inconclusive if the file cannot be read.
func (p *fileProber) Probe(ctx context.Context, addr netip.Addr) error {
	v, err := p.file.Current(ctx)
	if err != nil {
		return healthcheck.MarkInconclusive(err)
	}
	if p.check.Addr.IsValid() {
		addr = p.check.Addr
	}
	return v.verify(addr, p.check.Label)
}

// verdicts has the last line of a file about each endpoint, by its address or label,
// and the last line about all endpoints.
type verdicts struct {
	all    []string
	byName map[string]verdict
}

// A verdict is the words of a line about an endpoint, and the number of the line.
type verdict struct {
	words []string
	line  int
}

func readVerdicts(paths []string) (verdicts, error) {
	text, err := readRegular(paths[0])
	if err != nil {
		return verdicts{}, err
	}
	text, err = reload.Decode(text)
	return parseVerdicts(string(text)), err
}

func parseVerdicts(text string) verdicts {
	v := verdicts{byName: make(map[string]verdict)}
	n := 0
	for l := range strings.Lines(text) {
		n++
		words := wordsBeforeComment(l)
		switch {
		case len(words) == 0:
		case isVerdict(words[0]) || len(words) == 1:
			v.all = words
		default:
			v.byName[canonicalName(words[0])] = verdict{words[1:], n}
		}
	}
	return v
}

// verify returns nil if the endpoint is "up", or why it is not. The later of the lines
// about its address and its label counts, then the line about all endpoints.
func (v verdicts) verify(addr netip.Addr, label string) error {
	own := v.byName[addr.String()]
	if l := v.byName[label]; l.line > own.line {
		own = l
	}
	if own.words == nil {
		own.words = v.all
	}
	switch {
	case own.words == nil:
		return fmt.Errorf("the file says nothing of %s", addr)
	case own.words[0] != "up":
		return fmt.Errorf("the file says %.100q", strings.Join(own.words, " "))
	}
	return nil
}

// canonicalName returns word, the name of an endpoint. An address is always in the same
// form.
func canonicalName(word string) string {
	if addr, err := netip.ParseAddr(word); err == nil {
		return addr.String()
	}
	return word
}

// maxFile is room for about ten thousand endpoints.
const maxFile = 1 << 20

// readRegular returns the content of a regular file. It opens nothing else: a pipe would
// wait for a writer.
func readRegular(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if len(text) > maxFile {
		return nil, fmt.Errorf("%s is larger than 1 MiB", path)
	}
	return text, err
}

// wordsBeforeComment returns the words before the first that begins with '#'. Inside a
// word, '#' is part of a label.
func wordsBeforeComment(l string) []string {
	words := strings.Fields(l)
	for i, w := range words {
		if strings.HasPrefix(w, "#") {
			return words[:i]
		}
	}
	return words
}

// isVerdict reports whether a line that begins with s is about all endpoints.
func isVerdict(s string) bool { return s == "up" || s == "down" }
