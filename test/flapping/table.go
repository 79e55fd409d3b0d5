package flapping

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

const day = 24 * time.Hour

// Print prints the outcome of all scenarios for the settings s. Lasting conditions last for
// long.
func Print(w io.Writer, s healthcheck.Spec, long time.Duration) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\tper\tfalse failovers\tcomputed\tdetection p50\tp99\tmax\tstale s\taway s\tback p50\tp99\t")
	for _, c := range scenarios(s, long) {
		o := c.run(s)
		per, n := "event", float64(o.Trials)
		if o.Trials == 1 {
			per, n = "day", o.Time.Hours()/24
		}
		computed := "-"
		if c.Loss > 0 {
			computed = number(float64(o.UpTime) / float64(between(s, c.Loss)) / n)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", c.Name, per,
			number(float64(o.False)/n), computed,
			formatQuantile(o.Found, 0.5), formatQuantile(o.Found, 0.99), formatQuantile(o.Found, 1),
			number(o.Stale.Seconds()/n), number(o.Away.Seconds()/n),
			formatQuantile(o.Returns, 0.5), formatQuantile(o.Returns, 0.99))
	}
	return table.Flush()
}

// number formats f with three digits. Only 0 is "0".
func number(f float64) string {
	if f == 0 {
		return "0"
	}
	return fmt.Sprintf("%.3g", f)
}

func formatQuantile(ds []time.Duration, q float64) string {
	if len(ds) == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f s", quantile(ds, q).Seconds())
}

// quantile returns the q-quantile of ds, which must not be empty.
func quantile(ds []time.Duration, q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(ds))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}
