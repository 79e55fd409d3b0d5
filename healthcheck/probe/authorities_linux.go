package probe

import (
	"os"
	"strings"
)

// systemAuthorities are what certificates are verified with, unless a check has
// authorities of its own. They are where crypto/x509 looks for them
// (root_linux.go), with the same variables of the environment.
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

// pathsFromEnv returns the paths in a variable of the environment, else the usual
// ones.
func pathsFromEnv(variable, separator string, usual ...string) []string {
	if v := os.Getenv(variable); v != "" {
		return strings.Split(v, separator)
	}
	return usual
}
