package check

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

// An execCheck has the settings of check exec.
type execCheck struct {
	timing
	probe.Exec
}

var _ settings = (*execCheck)(nil)

var execProperties = syntax.Part(timingProperties, (*execCheck).schedule)

// readArgs reads PATH [ARG...]. No error shows an ARG: it may be a secret.
func (c *execCheck) readArgs(l syntax.Line, args []string) (err error) {
	if len(args) == 0 {
		return l.Errf("check exec: missing argument, expected check exec PATH [ARG...]")
	}
	if c.Path, err = executable(l, args[0]); err != nil {
		return l.Errf("check exec %s: expected a program that can be run: %v", syntax.Show(args[0]), err)
	}
	c.Args = strings.Join(args[1:], "\x00")
	if strings.Count(c.Args, "\x00") != max(0, len(args)-2) {
		return l.Errf("check exec %s: an argument has a NUL in it", syntax.Show(args[0]))
	}
	return nil
}

// executable returns the absolute path of a program. A name without a slash is searched
// for in $PATH. Any other relative path is below the directory of the root plugin.
func executable(l syntax.Line, path string) (string, error) {
	if strings.ContainsRune(path, filepath.Separator) {
		abs, err := filepath.Abs(l.ResolvePath(path))
		if err != nil {
			return "", err
		}
		path = abs
	}
	found, err := exec.LookPath(path)
	var lookup *exec.Error
	if errors.As(err, &lookup) {
		err = withoutPath(lookup.Err)
	}
	return found, err
}

func (c *execCheck) build(_ syntax.Line, s Subject) (healthcheck.Check, error) {
	e := c.Exec
	e.Port, e.Pool, e.Endpoint = s.Port, s.Pool, s.Name
	if s.Pool != "" {
		e.Record = s.Record
	}
	return e, nil
}
