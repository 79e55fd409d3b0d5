package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// unshare returns a function that runs a command of bench in a network namespace of its own.
func unshare(command string) func(context.Context) error {
	return func(ctx context.Context) error {
		args := append([]string{"--map-root-user", "--net"}, selfCommand(command)...)
		cmd := exec.CommandContext(ctx, "unshare", args...) // #nosec G204 -- this program
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		return cmd.Run()
	}
}

// network holds arguments of ip. Endpoints that answer or refuse become local addresses.
// Packets to the others vanish: the far end of the pair has no address.
const network = `
link set lo up
link add bench0 type veth peer name bench1
link set bench0 arp off up
link set bench1 up
addr add 203.0.113.1/32 dev bench0
route add 10.0.0.0/16 via 203.0.113.2 dev bench0 onlink
route add local 198.18.0.0/16 dev lo
`

// makeNetwork sets up the network of the targets.
func makeNetwork(ctx context.Context) error {
	for line := range strings.Lines(strings.TrimSpace(network)) {
		ip := exec.CommandContext(ctx, "ip", strings.Fields(line)...) // #nosec G204 -- words from above
		if out, err := ip.CombinedOutput(); err != nil {
			return fmt.Errorf("ip %s: %s", strings.TrimSpace(line), out)
		}
	}
	return nil
}

// checkers measures every subject with every kind of target.
func checkers(ctx context.Context) error {
	if err := makeNetwork(ctx); err != nil {
		return err
	}
	fmt.Printf("%d endpoints every %s, jitter %d%%; warm-up %s, measured for %s\n\n", *count, *every, *jitter, *warmup, *window)
	if *former != "" {
		return compareWithFormer(ctx)
	}
	fmt.Print(rowHead)
	var notes []string
	for _, k := range kinds {
		for _, subject := range []string{"server", "registry", "bare"} {
			if !strings.HasPrefix(k.name+"/"+subject, *only) {
				continue
			}
			r, err := measure(ctx, k, subject)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", k.name, subject, err)
			}
			fmt.Println(r)
			if r.note != "" {
				notes = append(notes, k.name+": "+r.note)
			}
		}
	}
	fmt.Println("\n" + strings.Join(notes, "\n"))
	return nil
}

// A row is the measurement of one subject.
type row struct {
	kind, subject          string
	cpu, others            time.Duration // of the subject and of all other processes, in the window
	rss, rssPeak           float64
	files, filesPeak       int // descriptors
	routines, routinesPeak string
	late                   *report // nil if it was not measured
	note                   string
}

const rowHead = "" +
	"                      CPU  others    RSS   peak  files   peak  goroutines   peak  probes   late p50      p99      max\n" +
	"targets  subject        %       %     MB     MB                                       /s         ms       ms       ms\n"

func (r row) String() string {
	percent := func(cpu time.Duration) float64 { return 100 * cpu.Seconds() / window.Seconds() }
	s := fmt.Sprintf("%-8s %-8s %6.1f %7.0f %6.0f %6.0f %6d %6d %11s %6s", r.kind, r.subject,
		percent(r.cpu), percent(r.others), r.rss, r.rssPeak, r.files, r.filesPeak, r.routines, r.routinesPeak)
	if l := r.late; l != nil && *jitter > 0 {
		s += fmt.Sprintf(" %7.0f", float64(l.Probes)/window.Seconds())
	} else if l != nil {
		ms := func(d time.Duration) float64 { return float64(d) / 1e6 }
		s += fmt.Sprintf(" %7.0f %10.1f %8.1f %8.1f", float64(l.Probes)/window.Seconds(), ms(l.Median), ms(l.P99), ms(l.Max))
	}
	return s
}

// measure runs a subject and measures it from outside.
func measure(ctx context.Context, k kind, subject string) (r row, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var recorders []*process // the report of the last one counts
	if k.listens {
		target, err := startTarget(ctx, k)
		if err != nil {
			return r, err
		}
		recorders = append(recorders, target)
	}
	p, err := subjects[subject](ctx, k)
	if err != nil {
		return r, err
	}
	if subject != "server" {
		recorders = append(recorders, p)
	}
	r = row{kind: k.name, subject: subject, routines: "-", routinesPeak: "-"}
	if err := r.watch(ctx, p, recorders); err != nil {
		return r, err
	}
	if subject == "server" {
		defer p.stop()
		if err := r.visit(ctx, p); err != nil {
			return r, err
		}
	}
	return r, r.readReports(recorders)
}

// watch fills in what can be measured from outside.
func (r *row) watch(ctx context.Context, p *process, recorders []*process) error {
	r.filesPeak = p.watch(ctx, *warmup)
	for _, rec := range recorders {
		if err := rec.measure(); err != nil {
			return err
		}
	}
	before, all := p.cpu(), machineCPU()
	r.files = p.watch(ctx, *window)
	r.cpu = p.cpu() - before
	r.others = machineCPU() - all - r.cpu
	r.filesPeak = max(r.filesPeak, r.files)
	r.rss, r.rssPeak = p.memory("VmRSS"), p.memory("VmHWM")
	return nil
}

// readReports fills in the report of the recorders.
func (r *row) readReports(recorders []*process) error {
	for _, rec := range recorders {
		rep, err := rec.finish()
		if err != nil {
			return err
		}
		r.late = &rep
	}
	if r.subject != "server" {
		r.routines, r.routinesPeak = fmt.Sprint(r.late.Goroutines), fmt.Sprint(r.late.GoroutinesPeak)
	}
	return nil
}

// visit fills in what the server reports, which costs it CPU time and memory.
func (r *row) visit(ctx context.Context, p *process) error {
	page, err := fetch(ctx, "http://"+ours.pprof()+"/debug/pprof/goroutine?debug=1")
	if err != nil {
		return err
	}
	line, _, _ := strings.Cut(string(page), "\n")
	r.routines = line[strings.LastIndexByte(line, ' ')+1:]
	before := p.cpu()
	if page, err = fetch(ctx, "http://"+ours.metrics()+"/metrics"); err != nil {
		return err
	}
	r.note = fmt.Sprintf("the metrics are %.1f MB and cost %s; RSS is %.0f MB then",
		float64(len(page))/1e6, p.cpu()-before, p.memory("VmRSS"))
	for line := range strings.Lines(string(page)) {
		if name, ok := strings.CutPrefix(line, "coredns_failover_probes_total"); ok {
			r.note += ", probes " + strings.TrimSpace(name)
		}
	}
	if *profile == "" {
		return nil
	}
	return saveProfiles(ctx, ours, r.kind)
}

// saveProfiles saves profiles of a server.
func saveProfiles(ctx context.Context, s site, name string) error {
	for what, query := range map[string]string{
		"cpu":  fmt.Sprintf("profile?seconds=%.0f", min(*window, 5*time.Second).Seconds()), // the server hangs up on longer ones
		"heap": "heap",
	} {
		page, err := fetch(ctx, "http://"+s.pprof()+"/debug/pprof/"+query)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(*profile, name+"."+what), page, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func fetch(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}
