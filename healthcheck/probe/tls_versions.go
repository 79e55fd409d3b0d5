package probe

import (
	"crypto/tls"
	"sync"
)

// suitesSince returns the cipher suites to offer from a version of TLS on: all
// there are for those before 1.2, whose servers may know none of today's. nil is
// the default.
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
