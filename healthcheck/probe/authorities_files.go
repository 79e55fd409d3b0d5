package probe

import (
	"crypto/x509"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/coredns-failover/failover/healthcheck/internal/dial"
)

// An authorityFile is a file that may contain certificates.
type authorityFile struct {
	path   string
	info   os.FileInfo // of the file itself, not of a link to it
	bundle bool        // one of authorityStore.bundles
}

func (f authorityFile) same(now authorityFile) bool {
	return f.path == now.path && os.SameFile(f.info, now.info) &&
		f.info.Size() == now.info.Size() && f.info.ModTime().Equal(now.info.ModTime())
}

// list returns the files that exist now. It fails only if this process lacks
// resources.
func (s *authorityStore) list() (files []authorityFile, err error) {
	for _, path := range s.bundles {
		if files, err = addAuthorities(files, path, true); err != nil {
			return nil, err
		}
	}
	for _, dir := range s.dirs {
		entries, err := os.ReadDir(dir)
		if lacksResources(err) {
			return nil, err
		}
		for _, e := range entries {
			path := filepath.Join(dir, e.Name())
			if linksWithinDir(path, e) {
				continue
			}
			if files, err = addAuthorities(files, path, false); err != nil {
				return nil, err
			}
		}
	}
	return files, nil
}

func addAuthorities(files []authorityFile, path string, bundle bool) ([]authorityFile, error) {
	info, err := os.Stat(path)
	switch {
	case lacksResources(err):
		return nil, err
	case err != nil || !info.Mode().IsRegular():
		return files, nil
	}
	return append(files, authorityFile{path, info, bundle}), nil
}

// linksWithinDir reports whether an entry is a link to a file of the same directory.
// c_rehash makes one for each certificate.
func linksWithinDir(path string, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return false
	}
	target, err := os.Readlink(path)
	return err == nil && !strings.Contains(target, "/")
}

// lacksResources reports whether err says that this process or host is out of
// descriptors or memory. Such an error says nothing about the file.
func lacksResources(err error) bool {
	return dial.IsOneOf(err, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM)
}

// read returns the certificates in the first bundle that can be read and in all files
// of the directories. crypto/x509 does the same on Unix (root_unix.go).
func (s *authorityStore) read(files []authorityFile) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	bundled := false
	for _, f := range files {
		if f.bundle && bundled {
			continue
		}
		text, err := os.ReadFile(f.path)
		if lacksResources(err) {
			return nil, err
		}
		bundled = bundled || f.bundle && err == nil
		pool.AppendCertsFromPEM(text)
	}
	if isEmpty(pool) && s.builtIn != nil {
		pool = s.builtIn()
	}
	if isEmpty(pool) {
		return nil, errNoAuthorities
	}
	return pool, nil
}

func isEmpty(pool *x509.CertPool) bool { return pool.Equal(x509.NewCertPool()) }

// builtInAuthorities returns the authorities that are compiled into the program
// (x509.SetFallbackRoots), or an empty pool.
func builtInAuthorities() *x509.CertPool {
	pool, err := x509.SystemCertPool()
	if err != nil {
		return x509.NewCertPool()
	}
	return pool
}
