//go:build unix

package healthcheck

import (
	"math"
	"syscall"
)

// descriptorLimit returns how many descriptors the process may open.
func descriptorLimit() int64 {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return math.MaxInt32
	}
	//nolint:unconvert // FreeBSD has an int64
	return int64(min(uint64(limit.Cur), math.MaxInt32)) // #nosec G115 -- bounded
}
