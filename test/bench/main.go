// Command bench measures the speed and the size of the server. It is run in the root of the
// repository:
//
//	go run ./test/bench [flags] queries       needs dnsperf
//	go run ./test/bench [flags] checkers      needs iproute2 and util-linux
//	go run ./test/bench [flags] start
//	go run ./test/bench [flags] transition
//	go run ./test/bench [flags] flapping
//	go run ./test/bench [flags] api           needs dnsperf
//	go run ./test/bench [flags] watched       needs iproute2 and util-linux
//
// queries compares the CPU time that a server spends on one query to failover, hosts, file,
// template, and failover in front of file. Each has a zone of its own, with the same names
// and addresses. dnsperf asks the zones one after the other in each round, so that other
// load of the machine affects all of them. hosts has two zones; their difference is noise.
//
// checkers compares the whole server, package healthcheck alone, and a bare loop of dials.
// Each probes 10,000 endpoints that are silent, refuse, accept, or answer HTTP. It shows the
// share of a core, memory, descriptors, goroutines, and by how much probes are late, all
// after a warm-up. Lateness is the time between two probes of an endpoint, minus the
// interval. For the server the target measures it, in another process; for the others it is
// measured where a probe begins. Without jitter (the default here) all probes begin within
// one second of each interval, as they did at the start. With jitter they spread over the
// interval, which takes minutes: use a longer -warmup. They then wake an idle process more
// often, which costs more. Lateness is not shown with jitter.
//
// With -former, another built server runs beside the server, and so does the floor: a loop
// of system calls in one thread, which does only what the kernel needs for such a probe, for
// 20 ms of probes at a time. All of them probe the same targets in the same windows (-rounds
// of -window), so that other load of the machine affects all of them. It shows the median
// share of a core, the CPU time per probe, the memory after metrics were scraped, and the
// median ratio of the share to ours. With the default jitter (-jitter 10) it takes minutes
// until probes are spread over the interval: use a longer -warmup.
//
// start starts servers with many records (-records) and reloads them, ours and with -former
// another one in turns. It shows the time until the first answer, the memory after that and
// at the peak of the reload, and how long queries took meanwhile.
//
// transition measures the time from the end of the probe that decides to the first answer
// from the other pool: within a process, and over the network, from the target's reply to a
// client of the server.
//
// flapping needs no server. It prints what package test/flapping finds for the default
// settings and for others. The columns are false failovers, simulated and (for the loss of
// one endpoint's probes) computed; the time from death to failover; the seconds answered
// from the primary while it was dead, and from the secondary while the primary was healthy;
// and the time from the end of the trouble to the failback.
//
// watched compares 5,000 targets (-watched) with watched connections and without: the
// anonymous memory of a connection, and by how much probes are late. Then all targets die
// at once. It shows how long it takes until all of them are down in the log, and how long
// queries for a healthy record take before and meanwhile. The same queries go to a second
// server without targets, to show what comes from the load of the machine: targets and
// client run on the same cores.
//
// api measures what the API costs with 10,000 records (-endpoints): how long the list of all
// takes, and the CPU time of a query with 1,000 requests to the API in a second and without.
// What the requests alone cost is subtracted.
//
// Ratios and counts hold on any machine, seconds and megabytes only where they were measured.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

var (
	binary  = flag.String("server", "", "path of the server; empty builds it")
	former  = flag.String("former", "", "checkers: path of another server to run beside the server")
	rounds  = flag.Int("rounds", 10, "queries: how often each zone is asked; checkers with -former: number of windows")
	period  = flag.Duration("period", 3*time.Second, "queries: how long a zone is asked in a round")
	names   = flag.Int("names", 100, "queries: names in each zone")
	qps     = flag.Int("qps", 0, "queries: limit per second; 0 is none")
	count   = flag.Int("endpoints", 10000, "checkers: number of endpoints, up to 60000; api: of records")
	every   = flag.Duration("interval", 10*time.Second, "checkers: the interval of the probes")
	jitter  = flag.Int("jitter", 0, "checkers: per cent, as in the Corefile")
	warmup  = flag.Duration("warmup", 30*time.Second, "checkers, watched: time before the measurement")
	window  = flag.Duration("window", 30*time.Second, "checkers, watched: time of the measurement, a multiple of the interval")
	only    = flag.String("only", "", "checkers: only this target and subject, such as http/server or http/")
	profile = flag.String("profile", "", "checkers: directory for profiles of the server")
	days    = flag.Int("days", 365, "flapping: days for which probes are lost")
	changes = flag.Int("changes", 1000, "transition: number of transitions")
	watches = flag.Int("watched", 5000, "watched: number of connections")
)

// commands holds all commands by name. The last ones are for the others, not for users.
var commands = map[string]func(context.Context) error{
	"queries":    queries,
	"checkers":   unshare("inside"),
	"transition": transition,
	"flapping":   printFlapping,
	"api":        api,
	"watched":    unshare("watched-inside"),

	"inside":         checkers,
	"watched-inside": watched,

	"target":   runTarget,
	"registry": runRegistry,
	"bare":     runBare,
	"floor":    runFloor,
}

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	command := commands[flag.Arg(0)]
	if command == nil {
		return errors.New("expected one of queries, checkers, transition, watched, flapping, api")
	}
	if *binary == "" && flag.Arg(0) != "flapping" {
		dir, err := os.MkdirTemp("", "bench")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		*binary = filepath.Join(dir, "coredns")
		build := exec.CommandContext(ctx, "go", "build", "-o", *binary, "./cmd/coredns") // #nosec G204 -- a path of ours
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return fmt.Errorf("building the server: %w", err)
		}
	}
	return command(ctx)
}
