package check

import (
	"errors"
	"io/fs"
	"os"

	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

// ReadablePath resolves the path of a file in the line l. It refuses a file that cannot be
// read.
func ReadablePath(l syntax.Line, path string) (string, error) {
	if path == "" {
		return "", l.Errf("%s: expected the name of a file", l.Words[0])
	}
	path = l.ResolvePath(path)
	if err := tryFile(path); err != nil {
		return "", l.Errf("%s: expected a file that can be read: %s: %v", l.Words[0], syntax.Show(path), withoutPath(err))
	}
	return path, nil
}

var errNotRegular = errors.New("not a regular file")

// tryFile returns an error if a file cannot be read. It opens regular files only: a
// pipe would wait for a writer.
func tryFile(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errNotRegular
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return f.Close()
}

// withoutPath returns err without the path, which the error around it names.
func withoutPath(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
