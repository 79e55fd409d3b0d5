package pool

import "testing"

func TestQuorum(t *testing.T) {
	tests := []struct {
		quorum Quorum
		n      int
		want   int
	}{
		{Quorum{Count: 3}, 3, 3},
		{Quorum{Count: 3}, 2, 3},
		{Quorum{Percent: 1}, 3, 1},
		{Quorum{Percent: 33}, 3, 1},
		{Quorum{Percent: 34}, 3, 2},
		{Quorum{Percent: 50}, 3, 2},
		{Quorum{Percent: 51}, 4, 3},
		{Quorum{Percent: 100}, 3, 3},
		{Quorum{Percent: 50}, 0, 1},
	}
	for _, tc := range tests {
		if got := tc.quorum.of(tc.n); got != tc.want {
			t.Errorf("%s of %d: got %d, want %d", tc.quorum, tc.n, got, tc.want)
		}
	}
}
