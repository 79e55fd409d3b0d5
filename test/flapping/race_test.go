//go:build race

package flapping

// With the race detector, a year takes too long. Nothing in it runs concurrently.
const (
	year   = 30 * day
	rounds = 1
)
