package policy

import (
	"math/rand/v2"
	"slices"
	"sync/atomic"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

// random picks n of rrs, fewer than all, each as likely as any other (Floyd's
// algorithm: Bentley, Programming Pearls, CACM 30:9). It draws n numbers however
// many there are to pick from.
func random(rrs []dns.RR, n int) []dns.RR {
	if n == 1 {
		return one(rrs, rand.IntN(len(rrs)))
	}
	var buf [few]int
	picked := buf[:0]
	for last := len(rrs) - n; last < len(rrs); last++ {
		i := rand.IntN(last + 1)
		if _, is := slices.BinarySearch(picked, i); is {
			i = last
		}
		picked = insert(picked, i)
	}
	return take(rrs, picked)
}

// inTurn picks n, fewer than all; the next answer begins one further on. The
// families take turns each by itself: a client asks for both, and with a common
// turn every other endpoint would only ever be asked for by one of them.
func roundRobin(f *pool.Family, turn *atomic.Uint64, n int) []dns.RR {
	first := int((turn.Add(1) - 1) % uint64(len(f.RRs))) // #nosec G115 -- less than a length
	if over := first + n - len(f.RRs); over > 0 {
		return slices.Concat(f.RRs[:over], f.RRs[first:])
	}
	return f.RRs[first : first+n : first+n]
}
