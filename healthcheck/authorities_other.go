//go:build !linux

package healthcheck

// systemAuthorities are those that crypto/x509 finds by itself.
var systemAuthorities = &authorityStore{}
