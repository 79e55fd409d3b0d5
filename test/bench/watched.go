package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// watched compares a server that watches connections with one that does not.
func watched(ctx context.Context) error {
	if err := makeNetwork(ctx); err != nil {
		return err
	}
	*count = *watches
	fmt.Printf("%d endpoints every %s, jitter %d%%; warm-up %s, measured for %s\n\n", *count, *every, *jitter, *warmup, *window)
	fmt.Print("             anon     late p50      p99      max   all down  queries p99   meanwhile   beside p99   meanwhile\n" +
		"               MB           ms       ms       ms         ms           us          us           us          us\n")
	var plain, kept watchedRow
	for _, r := range []struct {
		name, property string
		row            *watchedRow
	}{{"plain", "", &plain}, {"watched", "watch", &kept}} {
		var err error
		if *r.row, err = measureWatched(ctx, r.property); err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		fmt.Printf("%-8s %s\n", r.name, r.row)
	}
	fmt.Printf("\n%.1f KB of a watched connection, %.2f times the p99 meanwhile (%.2f times beside)\n",
		1000*(kept.anon-plain.anon)/float64(*count), kept.during.times(kept.before, watching), kept.during.times(kept.before, beside))
	return nil
}

// A watchedRow is the measurement of one server.
type watchedRow struct {
	anon           float64 // anonymous memory in MB
	late           report
	death          time.Duration // from the death of all targets to the last line of the log; 0 without watch
	before, during latencies     // of queries, before the death and until death has passed
}

// latencies are the 99th percentiles of queries to the server that watches and to the one
// beside it.
type latencies [2]time.Duration

const (
	watching = iota
	beside
)

func (l latencies) times(other latencies, server int) float64 {
	return float64(l[server]) / float64(other[server])
}

func (r watchedRow) String() string {
	ms := func(d time.Duration) float64 { return float64(d) / 1e6 }
	us := func(d time.Duration) float64 { return float64(d) / 1e3 }
	return fmt.Sprintf("%8.1f %12.1f %8.1f %8.1f %10.0f %12.0f %11.0f %12.0f %11.0f", r.anon,
		ms(r.late.Median), ms(r.late.P99), ms(r.late.Max), ms(r.death),
		us(r.before[watching]), us(r.during[watching]), us(r.before[beside]), us(r.during[beside]))
}

// measureWatched measures a server after the warm-up, and ends all targets if it watches
// them.
func measureWatched(ctx context.Context, property string) (r watchedRow, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	target, err := startTarget(ctx, keeping)
	if err != nil {
		return r, err
	}
	server, err := startLogging(ctx, watchedCorefile(property))
	if err != nil {
		return r, err
	}
	defer server.stop()
	other, err := startServer(ctx, "example.org:1054 {\nbind 127.0.0.1\n"+wellRecord+"}\n}\n")
	if err != nil {
		return r, err
	}
	defer other.stop()
	deaths := countDeaths(server)
	server.watch(ctx, *warmup)
	if err := target.measure(); err != nil {
		return r, err
	}
	asked, stopped := context.WithTimeout(ctx, *window)
	defer stopped()
	if r.before, err = askBoth(asked); err != nil {
		return r, err
	}
	r.anon = server.memory("RssAnon")
	if property == "" {
		r.late, err = target.finish()
		return r, err
	}
	meanwhile, seen := context.WithTimeout(ctx, time.Minute)
	dead := make(chan error)
	go func() {
		err := r.kill(meanwhile, target, deaths)
		seen()
		dead <- err
	}()
	r.during, err = askBoth(meanwhile)
	return r, errors.Join(err, <-dead)
}

// kill ends all targets, and waits until all are down in the log.
func (r *watchedRow) kill(ctx context.Context, target *process, deaths <-chan bool) (err error) {
	start := time.Now()
	r.late, err = target.finish()
	for range *count {
		select {
		case <-deaths:
		case <-ctx.Done():
			return errors.Join(err, errors.New("not all targets are down in the log"))
		}
	}
	r.death = time.Since(start)
	return err
}

const wellRecord = "failover {\nrecord well {\nprimary 192.0.2.1\ncheck none\n}\n"

// watchedCorefile returns a Corefile with the endpoints in records of two pools of two, and a
// record that is always healthy.
func watchedCorefile(property string) string {
	var s strings.Builder
	s.WriteString("example.org:1053 {\nbind 127.0.0.1\n" + wellRecord)
	fmt.Fprintf(&s, "check tcp :%d {\n%s\ninterval %s\nfast_interval 20ms\nfall 2\njitter %d%%\n}\n", port, property, *every, *jitter)
	addrs := keeping.endpoints()
	for i := 0; i+4 <= len(addrs); i += 4 {
		fmt.Fprintf(&s, "record app%d {\nprimary %s %s\nsecondary %s %s\n}\n", i/4, addrs[i], addrs[i+1], addrs[i+2], addrs[i+3])
	}
	s.WriteString("}\n}\n")
	return s.String()
}

// countDeaths returns a channel with a value for each transition to down in the log.
func countDeaths(server *process) <-chan bool {
	deaths := make(chan bool, *count)
	go func() {
		for lines := bufio.NewScanner(server.stdout); lines.Scan(); {
			if strings.Contains(lines.Text(), ": up -> down: ") {
				deaths <- true
			}
		}
	}()
	return deaths
}

// askBoth asks the server that watches and the one beside it, at the same time.
func askBoth(ctx context.Context) (p99 latencies, err error) {
	failed := make(chan error)
	go func() {
		var err error
		p99[beside], err = ask(ctx, "127.0.0.1:1054")
		failed <- err
	}()
	p99[watching], err = ask(ctx, "127.0.0.1:1053")
	return p99, errors.Join(err, <-failed)
}

// ask asks for the healthy record until ctx ends, at most a thousand times a second, and
// returns the 99th percentile of the latencies.
func ask(ctx context.Context, server string) (p99 time.Duration, err error) {
	conn, err := dns.Dial("udp", server)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	q := new(dns.Msg)
	q.SetQuestion("well.example.org.", dns.TypeA)
	next := time.NewTicker(time.Millisecond)
	defer next.Stop()
	var took []time.Duration
	for ctx.Err() == nil {
		start := time.Now()
		m, _, err := new(dns.Client).ExchangeWithConn(q, conn)
		if err != nil {
			return 0, err
		}
		if _, err := address(m); err != nil {
			return 0, err
		}
		took = append(took, time.Since(start))
		<-next.C
	}
	_, p99, _ = spread(took)
	return p99, nil
}
