package probe

import (
	"os"
	"strings"
)

// systemAuthorities verify certificates, unless a check has authorities of its own.
// The files and the environment variables are those of crypto/x509 (root_linux.go).
var systemAuthorities = &authorityStore{
	bundles: pathsFromEnv("SSL_CERT_FILE", "\x00",
		"/etc/ssl/certs/ca-certificates.crt",                // Debian, Ubuntu, Gentoo
		"/etc/pki/tls/certs/ca-bundle.crt",                  // Fedora, RHEL 6
		"/etc/ssl/ca-bundle.pem",                            // openSUSE
		"/etc/pki/tls/cacert.pem",                           // OpenELEC
		"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // CentOS, RHEL 7
		"/etc/ssl/cert.pem"),                                // Alpine
	dirs:    pathsFromEnv("SSL_CERT_DIR", ":", "/etc/ssl/certs", "/etc/pki/tls/certs"),
	builtIn: builtInAuthorities,
}

// pathsFromEnv returns the paths in an environment variable, or usual if it is not set.
func pathsFromEnv(variable, separator string, usual ...string) []string {
	if v := os.Getenv(variable); v != "" {
		return strings.Split(v, separator)
	}
	return usual
}
