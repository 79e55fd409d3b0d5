package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/miekg/dns"
)

var records = flag.Int("records", 50000, "start: records with check none")

func init() { commands["start"] = starts }

// starts prints how long servers take to start with many records, and how much memory that
// and a reload take: ours, and with -former the former one, in turns.
func starts(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Printf("%d records, check none\n", *records)
	fmt.Print("          answers after   CPU  settled  a record   reload takes   peak           longest query\n" +
		"server                s     s       MB        KB        s of CPU     MB  of settled        ms\n")
	for range *rounds {
		for _, server := range []struct{ name, path string }{{"server", *binary}, {"former", *former}} {
			if server.path == "" {
				continue
			}
			r, err := measureStart(ctx, server.path, filepath.Join(dir, "Corefile"))
			if err != nil {
				return fmt.Errorf("%s: %w", server.name, err)
			}
			fmt.Printf("%-8s %s\n", server.name, r)
		}
	}
	return nil
}

// A startRow is what is seen of one start and one reload. Memory is VmRSS, in MB.
type startRow struct {
	answers          time.Duration // after the start of the process
	cpu, reload      time.Duration // of the process, until then and in the reload
	settled, highest float64
	longest          time.Duration // that a query took during the reload
}

func (r startRow) String() string {
	return fmt.Sprintf("%13.2f %5.2f %8.0f %9.1f %15.2f %6.0f %11.2f %9.0f", r.answers.Seconds(), r.cpu.Seconds(), r.settled,
		1000*r.settled/float64(*records), r.reload.Seconds(), r.highest, r.highest/r.settled, float64(r.longest)/1e6)
}

// settling is how long a server is left alone after a start and after a reload.
const settling = 8 * time.Second

func measureStart(ctx context.Context, path, corefile string) (r startRow, err error) {
	udp, err := freePort()
	if err != nil {
		return r, err
	}
	if err := os.WriteFile(corefile, []byte(recordsCorefile(udp)), 0o600); err != nil {
		return r, err
	}
	begin := time.Now()
	p, err := start(ctx, path, "-conf", corefile)
	if err != nil {
		return r, err
	}
	defer p.stop()
	go io.Copy(io.Discard, p.stdout)
	for askLast(udp, 10*time.Millisecond) != nil {
		if ctx.Err() != nil || time.Since(begin) > time.Minute {
			return r, errors.New("the server does not answer")
		}
	}
	r.answers, r.cpu = time.Since(begin), p.cpu()
	time.Sleep(settling)
	r.settled = p.memory("VmRSS")
	return r, r.reloadOnce(ctx, p, udp, corefile)
}

// reloadOnce changes the Corefile by a comment, and asks until the reload has settled.
func (r *startRow) reloadOnce(ctx context.Context, p *process, udp, corefile string) error {
	if err := os.WriteFile(corefile, []byte(recordsCorefile(udp)+"# again\n"), 0o600); err != nil {
		return err
	}
	before := p.cpu()
	if err := p.cmd.Process.Signal(syscall.SIGUSR1); err != nil {
		return err
	}
	var took []time.Duration
	for begin := time.Now(); ctx.Err() == nil && time.Since(begin) < settling; time.Sleep(time.Millisecond) {
		asked := time.Now()
		if err := askLast(udp, 5*time.Second); err != nil {
			return fmt.Errorf("during the reload: %w", err)
		}
		took = append(took, time.Since(asked))
		r.highest = max(r.highest, p.memory("VmRSS"))
	}
	r.reload, r.longest = p.cpu()-before, slices.Max(took)
	return ctx.Err()
}

// askLast asks for the last record once.
func askLast(udp string, timeout time.Duration) error {
	q := new(dns.Msg)
	q.SetQuestion(fmt.Sprintf("app%d.example.org.", *records-1), dns.TypeA)
	c := dns.Client{Timeout: timeout}
	m, _, err := c.Exchange(q, "127.0.0.1:"+udp)
	if err == nil && len(m.Answer) == 0 {
		err = errors.New("an answer without addresses")
	}
	return err
}

func recordsCorefile(udp string) string {
	var s strings.Builder
	fmt.Fprintf(&s, "example.org:%s {\nbind 127.0.0.1\nfailover {\ncheck none\n", udp)
	for i := range *records {
		fmt.Fprintf(&s, "record app%d {\nprimary 10.%d.%d.%d\nsecondary 11.%[2]d.%[3]d.%[4]d\n}\n", i, i>>16, i>>8&255, i&255)
	}
	s.WriteString("}\n}\n")
	return s.String()
}
