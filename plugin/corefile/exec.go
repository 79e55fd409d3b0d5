package corefile

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/coredns-failover/failover/healthcheck"
)

// readExec reads PATH ARG... No error shows an ARG: it may be a secret.
func (c *check) readExec(args []string) (err error) {
	if len(args) == 0 {
		return c.at.errf("check exec: missing argument, expected check exec PATH [ARG...]")
	}
	if c.exec.Path, err = c.executable(args[0]); err != nil {
		return c.at.errf("check exec %s: expected a program that can be run: %v", show(args[0]), err)
	}
	c.exec.Args = strings.Join(args[1:], "\x00")
	if strings.Count(c.exec.Args, "\x00") != max(0, len(args)-2) {
		return c.at.errf("check exec %s: an argument has a NUL in it", show(args[0]))
	}
	return nil
}

// executable returns the absolute path of a program. A name without a slash is
// looked for in $PATH, any other relative one where the root plugin says.
func (c *check) executable(path string) (string, error) {
	if strings.ContainsRune(path, filepath.Separator) {
		abs, err := filepath.Abs(c.at.located(path))
		if err != nil {
			return "", err
		}
		path = abs
	}
	found, err := exec.LookPath(path)
	var lookup *exec.Error
	if errors.As(err, &lookup) {
		err = cause(lookup.Err)
	}
	return found, err
}

func buildExec(c *check, s subject) (healthcheck.Check, error) {
	e := c.exec
	e.Port, e.Pool, e.Endpoint = c.port(s.endpoint), s.pool, s.name
	if s.pool != "" {
		e.Record = s.record.name
	}
	return e, nil
}
