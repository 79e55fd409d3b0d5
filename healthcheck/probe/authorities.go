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

// An authorityStore holds the certificates of the authorities that this system
// trusts. It reads the files that crypto/x509 reads, and reads them again when they
// have changed. crypto/x509 itself reads them once per process, even if no descriptor
// was left to open them. The zero value has no files: crypto/x509 decides.
type authorityStore struct {
	bundles []string              // files; the first that can be read counts
	dirs    []string              // directories; all their files count
	builtIn func() *x509.CertPool // used if the files have no certificate; nil for none

	mu       sync.Mutex // guards the following
	pool     *x509.CertPool
	err      error           // why pool is nil or was not updated
	seen     []authorityFile // the files that pool was read from; nil to read them again
	lastLook time.Time       // when the files were last looked at
}

// lookInterval is how long the files count as unchanged. To look at hundreds of them
// costs as much as a probe.
const lookInterval = time.Second

var (
	errNoAuthorities = errors.New("no file of this system has any certificate")
	errNotRead       = errors.New("trusted authorities: the files of this system have not been read yet")
)

// ReadAuthorities reads the authorities of this system. It returns an error if there
// are none, or if they cannot be read before ctx ends. Call it early: probes read them
// too, but too few descriptors may be left then.
func ReadAuthorities(ctx context.Context) error {
	_, err := systemAuthorities.get(ctx)
	return err
}

// get returns the authorities, or nil for the default of crypto/x509. While newer ones
// cannot be read, it returns the last good ones.
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

// claimLook reports whether the caller must look at the files. Until the first read has
// ended, every caller must.
func (s *authorityStore) claimLook() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	due := s.pool == nil && s.err == nil || time.Since(s.lastLook) >= lookInterval
	if due {
		s.lastLook = time.Now()
	}
	return due
}

// look refreshes the pool, or waits until another goroutine has. If there is a good
// pool, it waits no longer than reload.StaleWait.
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

// refresh reads the files if they have changed. One goroutine at a time may call it.
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

// mtimesTrusted reports whether another write would change the times of the files.
func mtimesTrusted(files []authorityFile) bool {
	infos := make([]os.FileInfo, len(files))
	for i, f := range files {
		infos[i] = f.info
	}
	return reload.MtimeTrusted(infos)
}
