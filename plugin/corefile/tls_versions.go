package corefile

import (
	"crypto/tls"

	"github.com/coredns-failover/failover/healthcheck"
)

const versionsUsage = "tls_versions MIN [MAX]"

// versions are those of TLS by their name.
var versions = map[string]uint16{
	"1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11, "1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13,
}

// readVersions leaves out what is the default: equal checks are one.
func readVersions(o *healthcheck.TLSOptions, l line) error {
	low, high := l.words[1], append(l.words, "1.3")[2]
	for _, s := range []string{low, high} {
		if versions[s] == 0 {
			return l.expected(s, "a version of TLS, one of %s", known(versions))
		}
	}
	if low > high {
		return l.expected(high, "MAX to be %s or above, which is MIN", low)
	}
	o.MinVersion, o.MaxVersion = versions[low], versions[high]
	if low == "1.2" {
		o.MinVersion = 0
	}
	if high == "1.3" {
		o.MaxVersion = 0
	}
	return nil
}
