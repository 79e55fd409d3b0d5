// Command bench measures how fast and how big the server is. It is run from the
// root of the repository:
//
//	go run ./test/bench [flags] queries       needs dnsperf
//	go run ./test/bench [flags] checkers      needs iproute2 and util-linux
//	go run ./test/bench [flags] transition
//	go run ./test/bench [flags] flapping
//	go run ./test/bench [flags] watched       needs iproute2 and util-linux
//
// queries compares the CPU time that one server spends on a query to failover,
// hosts, file, template and to failover in front of file, each in a zone of its own with the same names and
// addresses. dnsperf asks them in turns, so that whatever else the machine does
// meets all of them; hosts has two turns, and how far these differ is noise.
//
// checkers compares the whole server, the package healthcheck alone and a bare
// loop of dials while each of them asks 10,000 endpoints: black holes, such as
// refuse, such as accept, such as answer HTTP. It shows the share of a core, the
// memory, the descriptors, the goroutines, and by how much probes are late. All
// are seen after a time to settle. Lateness is the time between two probes of an
// endpoint less the interval: of the server it is measured by the target, which
// runs in another process, of the others where a probe begins. Without jitter,
// which is the default here, the probes keep the step of their start: all come
// within one second of each interval. With jitter they lose it in the course of
// minutes (give them a -warmup of some); then more of them wake an idle process,
// which costs more, and lateness is not shown.
//
// transition measures the time from the end of the probe that decides to the
// first answer from the other pool: in a process with nothing else in it, and
// over the network, from a target's last word to a client of the server.
//
// flapping needs no server and no time but its own: it prints what package
// test/flapping finds of the default settings and of others. Columns are failovers
// without need, drawn and (for the loss of one endpoint's probes) computed; the time
// from death to failover; seconds answered from the primary while it was dead, and
// from the secondary while the primary was well; and how long after the end of the
// trouble answers went back.
//
// watched keeps connections to 5,000 targets (-watched) open, with watch, and the
// same without: what a connection costs in anonymous memory, and by how much the
// probes are late. Then all targets die at once. It shows how long it takes until
// the log has told of all of them, and how long queries for a record that is well
// take meanwhile and before. The same queries go to a server beside it that watches
// nothing: what becomes of these is the machine's doing, or that of the targets and
// of who asks, who are on the same cores.
//
// Ratios and counts hold anywhere, seconds and megabytes only where they were
// measured.
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
	binary  = flag.String("server", "", "the server, if it need not be built")
	rounds  = flag.Int("rounds", 10, "queries: how often each zone is asked")
	period  = flag.Duration("period", 3*time.Second, "queries: how long a zone is asked in a round")
	names   = flag.Int("names", 100, "queries: names in each zone")
	qps     = flag.Int("qps", 0, "queries: how many a second at most; 0 is no limit")
	count   = flag.Int("endpoints", 10000, "checkers: how many there are, up to 60000")
	every   = flag.Duration("interval", 10*time.Second, "checkers: the interval of the probes")
	jitter  = flag.Int("jitter", 0, "checkers: per cent, as in the Corefile")
	warmup  = flag.Duration("warmup", 30*time.Second, "checkers: time to settle")
	window  = flag.Duration("window", 30*time.Second, "checkers: time that is measured; intervals, whole")
	only    = flag.String("only", "", "checkers: a target and a subject only, such as http/server or http/")
	profile = flag.String("profile", "", "checkers: directory for profiles of the server")
	days    = flag.Int("days", 365, "flapping: how long probes are lost")
	changes = flag.Int("changes", 1000, "transition: how many")
	watches = flag.Int("watched", 5000, "watched: how many connections")
)

// commands by their names; those that users do not see are run by the others.
var commands = map[string]func(context.Context) error{
	"queries":    queries,
	"checkers":   unshare("inside"),
	"transition": transition,
	"flapping":   printFlapping,
	"watched":    unshare("watched-inside"),

	"inside":         checkers,
	"watched-inside": watched,

	"target":   runTarget,
	"registry": runRegistry,
	"bare":     runBare,
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
		return errors.New("expected one of queries, checkers, transition, watched, flapping")
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
