package healthcheck

import (
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

// That no descriptor is left when they are read is not the last word.
func TestAuthoritiesWithoutDescriptors(t *testing.T) {
	ca := newAuthority(t)
	bundle := filepath.Join(t.TempDir(), "bundle")
	write(t, bundle, ca.pem)
	s := &authorityStore{bundles: []string{bundle}, dirs: []string{filepath.Dir(bundle)}}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	set := func(n uint64) {
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: n, Max: limit.Max}); err != nil {
			t.Fatal(err)
		}
	}
	get := func() error {
		s.lookNow()
		_, err := s.get(t.Context())
		return err
	}
	set(3)
	err := get()
	set(limit.Cur)
	wantError(t, err, "trusted authorities: open "+s.dirs[0]+": too many open files")
	wantError(t, get(), "")
	age(t, bundle)
	wantError(t, get(), "")
	if !slices.ContainsFunc(s.seen, func(f authorityFile) bool { return f.path == bundle }) {
		t.Error("they are read again though nothing has changed")
	}
	write(t, bundle, "none\n"+ca.pem)
	set(3)
	err = get()
	set(limit.Cur)
	wantError(t, err, "") // those from before
}
