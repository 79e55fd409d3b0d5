//go:build !race

package flapping

const year = 365 * day
