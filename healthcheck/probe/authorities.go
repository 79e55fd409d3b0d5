package probe

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/coredns-failover/failover/healthcheck/internal/reload"
)

// An authorityStore holds the certificates that this system trusts, read from
// where crypto/x509 finds them, and again when these files have changed. That
// package reads them once in a process, even if no descriptor was left to read
// them with. The zero value has no files and leaves the matter to it.
type authorityStore struct {
	bundles []string              // files of which the first that can be read counts
	dirs    []string              // directories of which all files count
	builtIn func() *x509.CertPool // what counts where there is none of these; nil is nothing

	mu       sync.Mutex // guards the following
	pool     *x509.CertPool
	err      error           // why there is no pool, or no newer one
	seen     []authorityFile // what pool was read from; nil to read it again
	lastLook time.Time       // when the files were looked at last
}

// lookAgain is how long the files of the system's authorities are taken for
// unchanged: to look at hundreds of them costs as much as a probe.
const lookInterval = time.Second

var (
	errNoAuthorities = errors.New("no file of this system has any certificate")
	errNotRead       = errors.New("trusted authorities: the files of this system have not been read yet")
)

// ReadAuthorities reads the authorities of this system, and returns an error if
// it has none, or they cannot be read within ctx. Probes that need them read them
// too, but perhaps with too few descriptors left.
func ReadAuthorities(ctx context.Context) error {
	_, err := systemAuthorities.get(ctx)
	return err
}

// get returns the authorities, or nil for those that crypto/x509 takes by
// itself. While newer ones cannot be read, the last good ones stay.
func (s *authorityStore) get(ctx context.Context) (*x509.CertPool, error) {
	if s.bundles == nil && s.dirs == nil {
		return nil, nil
	}
	if s.claimLook() {
		s.look(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pool == nil {
		return nil, cmp.Or(s.err, errNotRead)
	}
	return s.pool, nil
}

// claimLook reports whether the caller is to look at the files. While nothing has
// been read at all, everybody is.
func (s *authorityStore) claimLook() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	due := s.pool == nil && s.err == nil || time.Since(s.lastLook) >= lookInterval
	if due {
		s.lastLook = time.Now()
	}
	return due
}

// look waits for the files, and where there is a good pool not for long.
func (s *authorityStore) look(ctx context.Context) {
	s.mu.Lock()
	good := s.pool != nil
	s.mu.Unlock()
	if good {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, reload.StaleWait)
		defer cancel()
	}
	_, _ = reload.Do(ctx, "authorities", s.refresh)
}

// refresh is run by one goroutine at a time.
func (s *authorityStore) refresh() error {
	now, err := s.list()
	if err == nil && s.unchanged(now) {
		return nil
	}
	var pool *x509.CertPool
	if err == nil {
		pool, err = s.read(now)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen, s.err = nil, err
	if err != nil {
		s.err = fmt.Errorf("trusted authorities: %w", err)
		return err
	}
	s.pool = pool
	if mtimesTrusted(now) {
		s.seen = now
	}
	return nil
}

func (s *authorityStore) unchanged(now []authorityFile) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen != nil && slices.EqualFunc(s.seen, now, authorityFile.same)
}

// mtimesTrusted reports whether another write would show in the times of the files.
func mtimesTrusted(files []authorityFile) bool {
	infos := make([]os.FileInfo, len(files))
	for i, f := range files {
		infos[i] = f.info
	}
	return reload.MtimeTrusted(infos)
}
