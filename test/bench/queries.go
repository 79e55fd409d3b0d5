package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// zones are asked in this order. Each is named after the plugin that answers; next is failover
// in front of file, and below is the same with a wildcard record. Each has the names www0,
// www1, ... with the addresses 192.0.2.1 and 192.0.2.2.
var zones = []string{"failover", "hosts", "file", "next", "below", "template", "hosts-again"}

// queries compares the CPU time that the server spends on a query of each zone.
func queries(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	udp, err := writeZones(dir)
	if err != nil {
		return err
	}
	server, err := startServer(ctx, zonesCorefile(dir, udp))
	if err != nil {
		return err
	}
	defer server.stop()
	costs := make(map[string][]time.Duration)
	for round := range *rounds + 1 {
		for _, zone := range zones {
			cost, err := load(ctx, server, filepath.Join(dir, zone+".queries"), udp)
			if err != nil {
				return fmt.Errorf("%s: %w", zone, err)
			}
			if round > 0 { // the first is a warm-up
				costs[zone] = append(costs[zone], cost)
			}
		}
	}
	return printCosts(costs)
}

func printCosts(costs map[string][]time.Duration) error {
	fmt.Printf("CPU time of the server for a query, %d rounds, %s each\n\n", *rounds, *period)
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "zone\tmedian us\tleast\tmost\tto hosts\t")
	hosts, _, _ := spread(costs["hosts"])
	for _, zone := range zones {
		us := func(d time.Duration) float64 { return float64(d) / 1e3 }
		median, _, most := spread(costs[zone]) // sorts them
		fmt.Fprintf(table, "%s\t%.2f\t%.2f\t%.2f\t%.3f\t\n", zone, us(median), us(costs[zone][0]), us(most), us(median)/us(hosts))
	}
	return table.Flush()
}

// load sends queries for one period, and returns the server's CPU time for each.
func load(ctx context.Context, server *process, file, udp string) (time.Duration, error) {
	args := []string{"-s", "127.0.0.1", "-p", udp, "-d", file, "-l", strconv.FormatFloat(period.Seconds(), 'f', -1, 64)}
	if *qps > 0 {
		args = append(args, "-Q", strconv.Itoa(*qps))
	}
	before := server.cpu()
	out, err := exec.CommandContext(ctx, "dnsperf", args...).CombinedOutput() // #nosec G204 -- numbers and a path of ours
	spent := server.cpu() - before
	if err != nil {
		return 0, fmt.Errorf("%w: %s", err, out)
	}
	answered := answers.FindSubmatch(out)
	if answered == nil {
		return 0, fmt.Errorf("not every answer is NOERROR: %s", out)
	}
	n, err := strconv.Atoi(string(answered[1]))
	if err != nil || n == 0 {
		return 0, errors.New("nothing was answered")
	}
	return spent / time.Duration(n), nil
}

var answers = regexp.MustCompile(`NOERROR (\d+) \(100\.00%\)`)

// writeZones writes the data of the zones and the queries for dnsperf, and returns a free
// port for the server.
func writeZones(dir string) (udp string, err error) {
	var hosts, file strings.Builder
	file.WriteString("@ 5 IN SOA ns admin 1 3600 600 86400 5\n@ 5 IN NS ns.example.org.\n")
	for i := range *names {
		for _, zone := range []string{"hosts", "hosts-again"} {
			fmt.Fprintf(&hosts, "192.0.2.1 www%d.%s.test\n192.0.2.2 www%[1]d.%[2]s.test\n", i, zone)
		}
		fmt.Fprintf(&file, "www%d 5 IN A 192.0.2.1\nwww%[1]d 5 IN A 192.0.2.2\n", i)
	}
	files := map[string]string{"hosts": hosts.String(), "db": file.String()}
	for _, zone := range zones {
		for i := range *names {
			files[zone+".queries"] += fmt.Sprintf("www%d.%s.test A\n", i, zone)
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	return freePort()
}

func freePort() (string, error) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer conn.Close()
	_, udp, err := net.SplitHostPort(conn.LocalAddr().String())
	return udp, err
}

func zonesCorefile(dir, udp string) string {
	var records, nexts strings.Builder
	for i := range *names {
		fmt.Fprintf(&nexts, "record www%d {\nprimary next\nsecondary 198.51.100.1 198.51.100.2\n}\n", i)
		fmt.Fprintf(&records, "record www%d {\nprimary 192.0.2.1 192.0.2.2\nsecondary 198.51.100.1 198.51.100.2\n}\n", i)
	}
	return strings.NewReplacer("$dir", dir, "$port", udp, "$records", records.String(), "$nexts", nexts.String()).Replace(`
failover.test:$port {
	bind 127.0.0.1
	failover {
		check none
		$records
	}
}
hosts.test:$port {
	bind 127.0.0.1
	hosts $dir/hosts {
		ttl 5
	}
}
hosts-again.test:$port {
	bind 127.0.0.1
	hosts $dir/hosts {
		ttl 5
	}
}
file.test:$port {
	bind 127.0.0.1
	file $dir/db
}
next.test:$port {
	bind 127.0.0.1
	failover {
		check none
		$nexts
	}
	file $dir/db
}
below.test:$port {
	bind 127.0.0.1
	failover {
		check none
		record * {
			primary next
			secondary 198.51.100.1 198.51.100.2
		}
	}
	file $dir/db
}
template.test:$port {
	bind 127.0.0.1
	template IN A {
		answer "{{ .Name }} 5 IN A 192.0.2.1"
		answer "{{ .Name }} 5 IN A 192.0.2.2"
	}
}
`)
}
