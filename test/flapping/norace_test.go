//go:build !race

package flapping

const (
	year   = 365 * day
	rounds = 5 // how often each phase is tried
)
