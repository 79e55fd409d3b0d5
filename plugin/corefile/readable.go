package corefile

import (
	"errors"
	"io/fs"
	"os"
)

// readable returns the path of a file that can be read.
func readable(l line, path string) (string, error) {
	if path == "" {
		return "", l.errf("%s: expected the name of a file", l.words[0])
	}
	path = l.located(path)
	if err := tryFile(path); err != nil {
		return "", l.errf("%s: expected a file that can be read: %s: %v", l.words[0], show(path), cause(err))
	}
	return path, nil
}

var errNotRegular = errors.New("not a regular file")

// tryFile opens nothing but regular files: a pipe would wait for a writer.
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

// cause is err without the path, which the error has already.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
