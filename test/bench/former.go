package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A runner is a subject that runs beside others.
type runner struct {
	*process
	name   string
	at     site            // of a server
	shares []time.Duration // of CPU time, in each window
	probes float64         // counted so far, at
	seen   time.Time
	rate   float64 // of probes a second, in all windows
	rss    float64 // in MB, after metrics were scraped
}

// compareWithFormer measures the server, the former one and the floor beside each
// other with every kind of targets.
func compareWithFormer(ctx context.Context) error {
	fmt.Print("                    CPU  probes  of each    RSS   CPU of it\n" +
		"targets  subject      %      /s       us     MB   by ours\n")
	for _, k := range kinds {
		if !strings.HasPrefix(k.name, *only) {
			continue
		}
		if err := compareKind(ctx, k); err != nil {
			return fmt.Errorf("%s: %w", k.name, err)
		}
	}
	return nil
}

// compareKind lets all of them ask the same targets, and prints a row of each.
func compareKind(ctx context.Context, k kind) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if k.listens {
		target, err := startTarget(ctx, k)
		if err != nil {
			return err
		}
		defer target.finish() // the next kind listens at the same port
	}
	runners, err := startBeside(ctx, k)
	defer func() {
		for _, r := range runners {
			_ = r.stop()
		}
	}()
	if err != nil {
		return err
	}
	time.Sleep(*warmup)
	if err := measureBeside(ctx, runners); err != nil {
		return err
	}
	for _, r := range runners {
		fmt.Println(r.row(k, runners[0]))
		if *profile != "" && r.name != "floor" {
			err = errors.Join(err, saveProfiles(ctx, r.at, k.name+"-"+r.name))
		}
	}
	return err
}

// startBeside starts the server, the former one and the floor.
func startBeside(ctx context.Context, k kind) (runners []*runner, err error) {
	add := func(r *runner, started error) {
		if err = errors.Join(err, started); started == nil {
			runners = append(runners, r)
		}
	}
	p, started := startProbingServer(ctx, *binary, ours, k)
	add(&runner{process: p, name: "server", at: ours}, started)
	p, started = startProbingServer(ctx, *former, theirs, k)
	add(&runner{process: p, name: "former", at: theirs}, started)
	p, started = start(ctx, selfCommand("floor", k.name)...)
	add(&runner{process: p, name: "floor"}, started)
	return runners, err
}

// measureBeside fills in what is seen of the runners in the windows. Metrics are
// scraped before the first and after the last, because that costs CPU time.
func measureBeside(ctx context.Context, runners []*runner) error {
	for _, r := range runners {
		if err := r.scrape(ctx); err != nil {
			return err
		}
	}
	before := make([]time.Duration, len(runners))
	for range *rounds {
		for i, r := range runners {
			before[i] = r.cpu()
		}
		time.Sleep(*window)
		for i, r := range runners {
			r.shares = append(r.shares, r.cpu()-before[i])
		}
	}
	for _, r := range runners {
		probes, seen := r.probes, r.seen
		if err := r.scrape(ctx); err != nil {
			return err
		}
		r.rate = (r.probes - probes) / r.seen.Sub(seen).Seconds()
	}
	return nil
}

// scrape looks at how many probes a server has counted, and at its memory. The
// floor counts nothing: it keeps its pace.
func (r *runner) scrape(ctx context.Context) error {
	r.seen, r.rss = time.Now(), r.memory("VmRSS")
	if r.name == "floor" {
		r.probes = float64(*count) * r.seen.Sub(epoch).Seconds() / every.Seconds()
		return nil
	}
	page, err := fetch(ctx, "http://"+r.at.metrics()+"/metrics")
	for end := time.Now().Add(time.Minute); err != nil && time.Now().Before(end); {
		// On a busy machine the page may take longer than the server allows.
		page, err = fetch(ctx, "http://"+r.at.metrics()+"/metrics")
	}
	if err != nil {
		return err
	}
	r.probes = 0
	for line := range strings.Lines(string(page)) {
		if strings.HasPrefix(line, "coredns_failover_probes_total{") {
			n, _ := strconv.ParseFloat(strings.TrimSpace(line[strings.LastIndexByte(line, ' '):]), 64)
			r.probes += n
		}
	}
	r.seen, r.rss = time.Now(), r.memory("VmRSS")
	return nil
}

// epoch is when the program began.
var epoch = time.Now()

// row returns what was seen of r; base is our own server.
func (r *runner) row(k kind, base *runner) string {
	ratios := make([]float64, len(r.shares))
	for i, share := range r.shares {
		ratios[i] = share.Seconds() / max(tick, base.shares[i]).Seconds()
	}
	cpu := medianOf(r.shares).Seconds() / window.Seconds()
	return fmt.Sprintf("%-8s %-8s %5.1f %7.0f %8.1f %6.0f %10.2f", k.name, r.name,
		100*cpu, r.rate, 1e6*cpu/r.rate, r.rss, medianOf(ratios))
}

func medianOf[T cmp.Ordered](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
