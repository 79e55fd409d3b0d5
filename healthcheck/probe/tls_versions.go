package probe

import (
	"crypto/tls"
	"sync"
)

// suitesSince returns the cipher suites to offer if version is the lowest version of TLS.
// Before 1.2 these are all suites, because an old server may know none of the default
// ones. nil is the default.
func suitesSince(version uint16) []uint16 {
	if version == 0 || version >= tls.VersionTLS12 {
		return nil
	}
	return allSuites()
}

var allSuites = sync.OnceValue(func() (ids []uint16) {
	for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		ids = append(ids, s.ID)
	}
	return ids
})
