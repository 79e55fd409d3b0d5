package probe

import (
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/test/kit"
)

// trustOnly makes the certificates in a file the system's authorities until the test ends.
func trustOnly(t *testing.T, bundle string) {
	before := systemAuthorities
	systemAuthorities = &authorityStore{bundles: []string{bundle}}
	t.Cleanup(func() { systemAuthorities = before })
}

// expireLook makes the next caller of get look at the files.
func (s *authorityStore) expireLook() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastLook = time.Time{}
}

// The authorities are read again when their files change. If there are none, get returns
// an error.
func TestAuthorities(t *testing.T) {
	root := t.TempDir()
	bundle, dir := filepath.Join(root, "bundle"), filepath.Join(root, "dir")
	one, two, three := newAuthority(t), newAuthority(t), newAuthority(t)
	s := &authorityStore{bundles: []string{filepath.Join(root, "other"), bundle}, dirs: []string{filepath.Join(root, "nowhere"), dir}}
	tests := []struct {
		name   string
		change func()
		want   []*authority
	}{
		{"nothing is there", func() {}, nil},
		{"an empty directory", func() { os.Mkdir(dir, 0o700) }, nil},
		{"a bundle without any", func() { kit.Write(t, bundle, "") }, nil},
		{"a bundle", func() { kit.Write(t, bundle, one.pem+two.pem); kit.Age(t, bundle) }, []*authority{one, two}},
		{"another as long", func() { kit.Write(t, bundle, two.pem+one.pem); kit.Age(t, bundle) }, []*authority{one, two}},
		{"less", func() { kit.Write(t, bundle, one.pem); kit.Age(t, bundle) }, []*authority{one}},
		{"one in the directory", func() { kit.Write(t, filepath.Join(dir, "two.pem"), two.pem) }, []*authority{one, two}},
		{"which changes", func() { kit.Write(t, filepath.Join(dir, "two.pem"), three.pem) }, []*authority{one, three}},
		{"and has a link to it", func() { os.Symlink("two.pem", filepath.Join(dir, "0123abcd.0")) }, []*authority{one, three}},
		{"and goes", func() { os.Remove(filepath.Join(dir, "two.pem")) }, []*authority{one}},
		{"the last one goes, and stays trusted", func() { os.Remove(bundle) }, []*authority{one}},
		{"a new one comes", func() { kit.Write(t, bundle, two.pem) }, []*authority{two}},
		{"a better bundle", func() { kit.Write(t, filepath.Join(root, "other"), three.pem) }, []*authority{three}},
	}
	for _, tc := range tests {
		tc.change()
		s.expireLook()
		pool, err := s.get(t.Context())
		want := x509.NewCertPool()
		for _, a := range tc.want {
			want.AddCert(a.cert)
		}
		switch {
		case tc.want == nil && (err == nil || pool != nil):
			t.Errorf("%s: there are some", tc.name)
		case tc.want != nil && (err != nil || !pool.Equal(want)):
			t.Errorf("%s: %v, error %v", tc.name, pool, err)
		}
	}
}

func TestReadAuthorities(t *testing.T) {
	bundle := filepath.Join(t.TempDir(), "bundle")
	trustOnly(t, bundle)
	kit.WantError(t, ReadAuthorities(t.Context()), "trusted authorities")
	kit.Write(t, bundle, newAuthority(t).pem)
	systemAuthorities.expireLook()
	kit.WantError(t, ReadAuthorities(t.Context()), "")
}

// A check is inconclusive while there are no authorities to verify with.
func TestNoAuthorities(t *testing.T) {
	ca := newAuthority(t)
	port := serveTLS(t, serving(ca.issue("app.example.org", time.Hour)), nil)
	bundle := filepath.Join(t.TempDir(), "bundle")
	trustOnly(t, bundle)
	check := TLS{Target: Target{Port: port}, TLSOptions: TLSOptions{ServerName: "app.example.org"}}
	for _, c := range []healthcheck.Check{
		check,
		HTTP{TLS: true, Target: Target{Port: port}, Host: "app.example.org"},
		TCP{Target: Target{Port: port}, Dialogue: Dialogue("").StartTLS(), TLSOptions: check.TLSOptions},
		GRPC{TLS: true, Target: Target{Port: port}, TLSOptions: check.TLSOptions},
		DNS{Target: Target{Port: port}, Transport: "tls", RCodes: "NOERROR", Name: ".", TLSOptions: check.TLSOptions},
	} {
		if err := ask(t, c.Prober(), "127.0.0.1"); !errors.Is(err, healthcheck.ErrInconclusive) || !strings.Contains(err.Error(), "trusted authorities") {
			t.Errorf("%s: %v", c, err)
		}
		if !NeedsAuthorities(c) {
			t.Errorf("%s needs none", c)
		}
	}
	insecure := check
	insecure.TLSOptions.Insecure = true
	kit.WantError(t, ask(t, insecure.Prober(), "127.0.0.1"), "")
	if NeedsAuthorities(insecure) || NeedsAuthorities(HTTP{}) || NeedsAuthorities(ICMP{}) {
		t.Error("some need authorities that verify nothing")
	}
	kit.Write(t, bundle, ca.pem)
	systemAuthorities.expireLook()
	kit.WantError(t, ask(t, check.Prober(), "127.0.0.1"), "")
}
