// Package kit helps the tests of several packages. Nothing else imports it.
package kit
