//go:build !unix

package healthcheck

import "math"

// descriptorLimit returns a number that is never reached: the system has no such limit.
func descriptorLimit() int64 { return math.MaxInt32 }
