package admin

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

// listenPrivately listens at a socket that nobody else may use at any moment: it is made in
// a directory of its own, and gets its name with its mode. A socket that a killed process
// left is replaced.
func listenPrivately(path string) (net.Listener, error) {
	if err := removeStale(path); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), ".failover-*") // mode 0700
	if err != nil {
		return nil, fmt.Errorf("listen unix %s: %w", path, err)
	}
	defer os.RemoveAll(dir)
	made := filepath.Join(dir, "s")
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: made, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("listen unix %s: %w", path, err)
	}
	ln.SetUnlinkOnClose(false) // of the name that it has no longer
	if err = os.Chmod(made, 0o600); err == nil {
		err = os.Link(made, path) // unlike a rename, this replaces nothing
	}
	if err != nil {
		ln.Close()
		return nil, fmt.Errorf("listen unix %s: %w", path, err)
	}
	return &socket{ln, path}, nil
}

// removeStale removes a socket that nobody listens at. It refuses to remove anything else.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("listen unix %s: %w", path, err)
	case info.Mode().Type() != os.ModeSocket:
		return fmt.Errorf("listen unix %s: a file is there that is not a socket", path)
	}
	conn, err := net.Dial("unix", path)
	if err == nil {
		conn.Close()
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("listen unix %s: address already in use", path)
	}
	return os.Remove(path)
}

// A socket is removed as it is closed.
type socket struct {
	net.Listener
	path string
}

// Close implements net.Listener.
func (s *socket) Close() error {
	os.Remove(s.path)
	return s.Listener.Close()
}
