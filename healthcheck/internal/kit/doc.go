// Package kit has helpers for the tests of healthcheck and the packages below it.
package kit
