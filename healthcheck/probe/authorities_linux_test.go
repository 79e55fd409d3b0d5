package probe

import (
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/coredns-failover/failover/test/kit"
)

// Authorities that cannot be read for lack of descriptors are read again later.
func TestAuthoritiesWithoutDescriptors(t *testing.T) {
	ca := newAuthority(t)
	bundle := filepath.Join(t.TempDir(), "bundle")
	kit.Write(t, bundle, ca.pem)
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
		s.expireLook()
		_, err := s.get(t.Context())
		return err
	}
	set(3)
	err := get()
	set(limit.Cur)
	kit.WantError(t, err, "trusted authorities: open "+s.dirs[0]+": too many open files")
	kit.WantError(t, get(), "")
	kit.Age(t, bundle)
	kit.WantError(t, get(), "")
	if !slices.ContainsFunc(s.seen, func(f authorityFile) bool { return f.path == bundle }) {
		t.Error("they are read again though nothing has changed")
	}
	kit.Write(t, bundle, "none\n"+ca.pem)
	set(3)
	err = get()
	set(limit.Cur)
	kit.WantError(t, err, "") // those from before
}
