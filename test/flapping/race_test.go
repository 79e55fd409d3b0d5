//go:build race

package flapping

// The race detector makes a year too long; nothing in it runs concurrently.
const year = 30 * day
