package policy

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

// If an endpoint fails, only its own clients move, and they come back when it does.
func TestFailureMovesOnlyItsOwnClients(t *testing.T) {
	for _, pools := range []string{row(3), row(100), uneven(5), uneven(100), "192.0.2.1*65535 192.0.2.2*3 192.0.2.3*65535 192.0.2.4*1"} {
		for _, count := range []int{1, 2, 9} {
			all := strings.Fields(pools)
			t.Run(fmt.Sprintf("%d of %d", count, len(all)), func(t *testing.T) {
				gone := rand.IntN(len(all))
				addr, _, _ := strings.Cut(all[gone], "*")
				before := setOf(t, pool.Hash, count, pools)
				after := setOf(t, pool.Hash, count, strings.Join(slices.Delete(slices.Clone(all), gone, gone+1), " "))
				again := setOf(t, pool.Hash, count, pools)
				for i := range 2000 {
					was := strings.Fields(text(Pick(before, dns.TypeA, client(i))))
					is := strings.Fields(text(Pick(after, dns.TypeA, client(i))))
					for _, a := range was {
						if a != addr && !slices.Contains(is, a) {
							t.Fatalf("%v became %v without %s", was, is, addr)
						}
					}
					if back := text(Pick(again, dns.TypeA, client(i))); back != strings.Join(was, " ") {
						t.Fatalf("%v is now %s", was, back)
					}
				}
			})
		}
	}
}

// The clients of one that fails go to the others in proportion to weight.
func TestClientsOfTheFailedAreShared(t *testing.T) {
	before := setOf(t, pool.Hash, 1, "192.0.2.1*4 192.0.2.2 192.0.2.3*3")
	after := setOf(t, pool.Hash, 1, "192.0.2.2 192.0.2.3*3")
	moved := make(map[string]float64)
	for i := range 10_000 {
		if text(Pick(before, dns.TypeA, client(i))) == "192.0.2.1" {
			moved[text(Pick(after, dns.TypeA, client(i)))]++
		}
	}
	if share := moved["192.0.2.2"] / (moved["192.0.2.2"] + moved["192.0.2.3"]); math.Abs(share-0.25) > 0.02 {
		t.Errorf("192.0.2.2, with a quarter of the weight, gets %.3f of the clients", share)
	}
}

// The comparison by integers never excludes an endpoint that logarithms would include.
func TestRaceIsWonByTheFirst(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		f, sum := new(pool.Weights), uint64(0)
		for range 1 + rng.IntN(100) {
			weight := 1 + rng.IntN(65535)>>rng.IntN(16)
			sum += uint64(weight)
			f.IDs = append(f.IDs, rng.Uint64())
			f.Delays = append(f.Delays, uint32(1<<31/weight))
			f.Shares = append(f.Shares, sum)
		}
		r := raceOf(rng.Uint64())
		times := make([]arrived, len(f.IDs))
		for i, id := range f.IDs {
			times[i] = arrived{arrival(r.draw(id), f.Delays[i], false), i}
		}
		slices.SortFunc(times, func(a, b arrived) int {
			if a.time < b.time {
				return -1
			}
			return 1
		})
		n := 1 + rng.IntN(len(times))
		if got := r.first(nil, n, f); !slices.Equal(got, times[:n]) {
			t.Fatalf("the first %d are %v, want %v", n, got, times[:n])
		}
		if got := r.winner(f); got != times[0].at {
			t.Fatalf("%d wins, want %v", got, times[0])
		}
	}
}

// atLeast is a lower bound of arrival.
func TestNobodyIsLeftOut(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		h := rng.Uint64() >> rng.IntN(64)
		for _, delay := range []uint32{1 << 31, 1 << 31 / 3, 1 << 31 / 65535} {
			for _, even := range []bool{false, true} {
				if time := arrival(h, delay, even); atLeast(h, delay) > limit(time) {
					t.Fatalf("%x of delay %d: %d is later than %d of %g", h, delay, atLeast(h, delay), limit(time), time)
				}
			}
		}
	}
	if last := limit(arrival(math.MaxUint64, 1<<31, false)); last < atLeast(math.MaxUint64, 1<<31) {
		t.Errorf("the last of all arrives after %d", last)
	}
}

// Where the weights are the same, the order is that of what was drawn.
func TestEvenRaceIsThatWithLogarithms(t *testing.T) {
	even := setOf(t, pool.Hash, 3, row(20))
	odd := setOf(t, pool.Hash, 3, row(20))
	odd.A.Even = false
	if !even.A.Even {
		t.Fatal("the weights of the pool are even, and it is not said so")
	}
	for i := range 1000 {
		if a, b := text(Pick(even, dns.TypeA, client(i))), text(Pick(odd, dns.TypeA, client(i))); a != b {
			t.Errorf("%s is %s with logarithms", a, b)
		}
	}
}

// Clients of a subnet get the same answer; those of the next one need not.
func TestSubnets(t *testing.T) {
	tests := []struct {
		a, b string
		same bool
	}{
		{"192.0.2.1", "192.0.2.255", true},
		{"192.0.2.1", "192.0.3.1", false},
		{"192.0.2.1", "193.0.2.1", false},
		{"2001:db8:0:ff00::1", "2001:db8:0:ffff:ffff::1", true},
		{"2001:db8:0:ff00::1", "2001:db8:0:fe00::1", false},
		{"2001:db8::1", "3001:db8::1", false},
	}
	for _, tc := range tests {
		a, b := Client{Addr: netip.MustParseAddr(tc.a)}, Client{Addr: netip.MustParseAddr(tc.b)}
		if same := a.subnet() == b.subnet(); same != tc.same {
			t.Errorf("%s and %s: got the same: %t", tc.a, tc.b, same)
		}
	}
	if got := (Client{}).subnet(); got != 0 {
		t.Errorf("nobody is %d", got)
	}
}

// Every server and every release gives a client the same endpoint. A change of these values
// would move all clients.
func TestHashIsTheSameEverywhere(t *testing.T) {
	s := setOf(t, pool.Hash, 1, uneven(20))
	var got []string
	for i := range 8 {
		_, last, _ := strings.Cut(text(Pick(s, dns.TypeA, client(i*1000))), "192.0.2.")
		got = append(got, last)
	}
	if want := "10 7 11 12 6 14 11 11"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}
