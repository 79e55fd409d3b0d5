package healthcheck

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strings"
	"sync"
)

// File is the check "file": a file says that the endpoint is up.
type File struct {
	Path  string
	Addr  netip.Addr // what the endpoint serves, if that is not what is probed
	Label string     // what else it is called, or ""
}

var _ Check = File{}

// Type returns "file".
func (File) Type() string { return "file" }

// String returns the check as it stands in the Corefile.
func (c File) String() string { return "file " + c.Path }

// Prober returns what reads the file.
func (c File) Prober() Prober {
	return &fileProber{check: c}
}

// A verdict is what a file says of an endpoint.
type verdict struct{ down error } // nil for up

type fileProber struct {
	check    File
	verdicts sync.Map // of *fromFiles[verdict], by the address that they are about
}

// Probe asks nobody: a file that cannot be read says nothing.
func (p *fileProber) Probe(ctx context.Context, addr netip.Addr) error {
	v, err := p.about(addr).current(ctx)
	if err != nil {
		return CannotAsk(err)
	}
	return v.down
}

// about returns the verdicts on the endpoint that is probed at addr.
func (p *fileProber) about(addr netip.Addr) *fromFiles[verdict] {
	c := p.check
	if !c.Addr.IsValid() {
		c.Addr = addr
	}
	v, _ := p.verdicts.LoadOrStore(c.Addr, &fromFiles[verdict]{paths: []string{c.Path}, load: c.read})
	return v.(*fromFiles[verdict])
}

func (c File) read(paths []string) (verdict, error) {
	text, err := readRegular(paths[0])
	if err != nil {
		return verdict{}, err
	}
	return verdict{c.judge(string(text))}, nil
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

// judge returns nil if the text says "up" of the endpoint.
func (c File) judge(text string) error {
	var all, own []string // the last lines about every endpoint, and about this one
	for l := range strings.Lines(text) {
		words := uncommented(l)
		switch {
		case len(words) == 0:
		case isVerdict(words[0]) || len(words) == 1:
			all = words
		case c.isCalled(words[0]):
			own = words[1:]
		}
	}
	if own == nil {
		own = all
	}
	switch {
	case own == nil:
		return fmt.Errorf("the file says nothing of %s", c.Addr)
	case own[0] != "up":
		return fmt.Errorf("the file says %.100q", strings.Join(own, " "))
	}
	return nil
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

func (c File) isCalled(s string) bool {
	addr, err := netip.ParseAddr(s)
	return err == nil && addr == c.Addr || c.Label != "" && s == c.Label
}
