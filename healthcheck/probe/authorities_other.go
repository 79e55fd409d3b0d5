//go:build !linux

package probe

// systemAuthorities are those that crypto/x509 finds by itself.
var systemAuthorities = &authorityStore{}
