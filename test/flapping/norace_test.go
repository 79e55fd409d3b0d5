//go:build !race

package flapping

const (
	year   = 365 * day
	rounds = 5 // trials of each phase
)
