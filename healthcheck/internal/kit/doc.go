// Package kit helps the tests of several packages of healthcheck. Nothing else imports it.
package kit
