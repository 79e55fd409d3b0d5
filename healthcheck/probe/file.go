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

// File is the check "file": a file says that the endpoint is up.
type File struct {
	Path  string
	Addr  netip.Addr // what the endpoint serves, if that is not what is probed
	Label string     // what else it is called, or ""
}

var _ healthcheck.Check = File{}

// Type returns "file".
func (File) Type() string { return "file" }

// String returns the check as it stands in the Corefile.
func (c File) String() string { return "file " + c.Path }

// Prober returns what reads the file.
func (c File) Prober() healthcheck.Prober {
	return &fileProber{check: c, file: opinionsIn(c.Path)}
}

type fileProber struct {
	check File
	file  *reload.Value[opinions]
}

// files are what probers read, by path, as long as there is a prober. Every label
// makes one, and to keep the whole of a file for each would be much.
var files struct {
	mu     sync.Mutex // guards the following
	byPath map[string]weak.Pointer[reload.Value[opinions]]
}

func opinionsIn(path string) *reload.Value[opinions] {
	files.mu.Lock()
	defer files.mu.Unlock()
	if f := files.byPath[path].Value(); f != nil {
		return f
	}
	if files.byPath == nil {
		files.byPath = make(map[string]weak.Pointer[reload.Value[opinions]])
	}
	maps.DeleteFunc(files.byPath, func(_ string, p weak.Pointer[reload.Value[opinions]]) bool { return p.Value() == nil })
	f := reload.New(readOpinions, path)
	files.byPath[path] = weak.Make(f)
	return f
}

// Probe asks nobody: a file that cannot be read says nothing.
func (p *fileProber) Probe(ctx context.Context, addr netip.Addr) error {
	said, err := p.file.Current(ctx)
	if err != nil {
		return healthcheck.MarkInconclusive(err)
	}
	if p.check.Addr.IsValid() {
		addr = p.check.Addr
	}
	return said.of(addr, p.check.Label)
}

// opinions are the last lines of a file about each endpoint, by its address or
// label, and about every endpoint.
type opinions struct {
	all []string
	own map[string]opinion
}

// An opinion is the words about an endpoint, and the number of their line.
type opinion struct {
	words []string
	line  int
}

func readOpinions(paths []string) (opinions, error) {
	text, err := readRegular(paths[0])
	if err != nil {
		return opinions{}, err
	}
	text, err = reload.Decode(text)
	return parseOpinions(string(text)), err
}

func parseOpinions(text string) opinions {
	o := opinions{own: make(map[string]opinion)}
	n := 0
	for l := range strings.Lines(text) {
		n++
		words := uncommented(l)
		switch {
		case len(words) == 0:
		case isVerdict(words[0]) || len(words) == 1:
			o.all = words
		default:
			o.own[nameIn(words[0])] = opinion{words[1:], n}
		}
	}
	return o
}

// of returns nil if "up" is said of an endpoint.
func (o opinions) of(addr netip.Addr, label string) error {
	own := o.own[addr.String()]
	if l := o.own[label]; l.line > own.line {
		own = l
	}
	if own.words == nil {
		own.words = o.all
	}
	switch {
	case own.words == nil:
		return fmt.Errorf("the file says nothing of %s", addr)
	case own.words[0] != "up":
		return fmt.Errorf("the file says %.100q", strings.Join(own.words, " "))
	}
	return nil
}

// nameIn returns whom a line is about, an address always in the same form.
func nameIn(word string) string {
	if addr, err := netip.ParseAddr(word); err == nil {
		return addr.String()
	}
	return word
}

// maxFile is room for some ten thousand endpoints.
const maxFile = 1 << 20

// readRegular does not wait for the writer of a pipe that took the place of a file.
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

// uncommented returns the words before one that begins with '#', which may be
// within a label.
func uncommented(l string) []string {
	words := strings.Fields(l)
	for i, w := range words {
		if strings.HasPrefix(w, "#") {
			return words[:i]
		}
	}
	return words
}

// isVerdict reports whether a line that begins with s is about every endpoint.
func isVerdict(s string) bool { return s == "up" || s == "down" }
