package test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// get fetches a URL over a new connection. The status is 0 if the server cannot be
// reached.
func (s *server) get(url string) (status int, body string) {
	s.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience/2)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		s.Fatal(err)
	}
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(b)
}

// metrics has values by the name and labels of their series, as Prometheus writes them.
type metrics map[string]string

// scrape returns the metrics of a server with "prometheus $ip:$metrics". It retries, because
// the plugin closes connections after five seconds, which a busy machine may take.
func (s *server) scrape() metrics {
	s.Helper()
	var body string
	eventually(s.T, "the metrics are complete", func() (told bool) {
		var status int
		status, body = s.get("http://" + s.addr("metrics") + "/metrics")
		return status == http.StatusOK
	})
	series := make(metrics)
	for line := range strings.Lines(body) {
		if i := strings.LastIndexByte(line, ' '); i > 0 && line[0] != '#' {
			series[line[:i]] = strings.TrimSpace(line[i+1:])
		}
	}
	return series
}

// series returns the full name of a series of the plugin. The labels in name may have any
// order, and SERVER stands for server and view of the only server block.
func (s *server) series(name string) string {
	name = strings.ReplaceAll(name, "SERVER", `server="dns://`+s.addr("dns")+`",view=""`)
	name, labels, ok := strings.Cut(strings.TrimSuffix(name, "}"), "{")
	if !ok {
		return "coredns_failover_" + name
	}
	ordered := strings.Split(labels, ",")
	slices.Sort(ordered)
	return "coredns_failover_" + name + "{" + strings.Join(ordered, ",") + "}"
}

// has waits until each series of the plugin has its value, or is absent if the value is
// empty.
func (s *server) has(want map[string]string) {
	s.Helper()
	for name, value := range want {
		becomes(s.T, name, value, func() string { return s.scrape()[s.series(name)] })
	}
}

// number returns the value of a series, which must exist.
func (s *server) number(series string) float64 {
	s.Helper()
	return s.scrape().number(s.T, series)
}

// counted returns the value of a counter, or 0 if it does not exist yet.
func (s *server) counted(series string) float64 {
	s.Helper()
	m := s.scrape()
	if m[series] == "" {
		return 0
	}
	return m.number(s.T, series)
}

func (m metrics) number(t *testing.T, series string) float64 {
	t.Helper()
	value, ok := m[series]
	n, err := strconv.ParseFloat(value, 64)
	if !ok || err != nil {
		t.Fatalf("metrics: %s has the value %q", series, value)
	}
	return n
}

// with returns the names of the series that contain all of the words.
func (m metrics) with(words ...string) []string {
	var names []string
next:
	for name := range m {
		for _, word := range words {
			if !strings.Contains(name, word) {
				continue next
			}
		}
		names = append(names, name)
	}
	return names
}

// ones returns how many series of the plugin with these words have the value 1.
func (m metrics) ones(name string, words ...string) (n int) {
	for _, series := range m.with(append(words, "coredns_failover_"+name+"{")...) {
		if m[series] == "1" {
			n++
		}
	}
	return n
}
