package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"
)

// apiRate is how many requests to the API are sent in a second.
const apiRate = 1000

// api measures what the API costs: how long the list of all records takes, and the CPU time
// of a query with requests to the API and without.
func api(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	corefile, queries, err := apiCorefile(dir)
	if err != nil {
		return err
	}
	server, err := startServer(ctx, corefile)
	if err != nil {
		return err
	}
	defer server.stop()
	c := &apiClient{url: "http://" + apiAddr}
	if err := c.measureList(ctx, server); err != nil {
		return err
	}
	return c.measureQueries(ctx, server, queries)
}

const apiAddr, apiPort = "127.0.0.1:18053", "18054"

// apiCorefile returns one with as many records as endpoints are asked for, and the path of
// queries for some of them.
func apiCorefile(dir string) (corefile, queries string, err error) {
	var b, q strings.Builder
	fmt.Fprintf(&b, "example.org:%s {\nbind 127.0.0.1\nfailover {\napi %s\n}\nfailover {\ncheck none\n", apiPort, apiAddr)
	for i := range *count {
		fmt.Fprintf(&b, "record www%d {\nprimary 192.0.2.1 192.0.2.2\nsecondary 198.51.100.1 198.51.100.2\n}\n", i)
		if i < *names {
			fmt.Fprintf(&q, "www%d.example.org A\n", i)
		}
	}
	b.WriteString("}\n}\n")
	queries = filepath.Join(dir, "queries")
	return b.String(), queries, os.WriteFile(queries, []byte(q.String()), 0o600)
}

// An apiClient makes requests to one server.
type apiClient struct {
	http.Client
	url          string
	done, failed atomic.Int64
}

func (c *apiClient) get(ctx context.Context, path string) (body []byte, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+path, nil)
	if err != nil {
		return nil, err
	}
	resp, err := c.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if body, err = io.ReadAll(resp.Body); err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s", path, resp.Status)
	}
	return body, err
}

func (c *apiClient) measureList(ctx context.Context, server *process) error {
	before := server.cpu()
	var took []time.Duration
	var size int
	for range *rounds {
		began := time.Now()
		body, err := c.get(ctx, "/v1/records")
		if err != nil {
			return err
		}
		took, size = append(took, time.Since(began)), len(body)
		var list struct{ Records []json.RawMessage }
		if err := json.Unmarshal(body, &list); err != nil || len(list.Records) != *count {
			return errors.Join(err, fmt.Errorf("%d records are listed", len(list.Records)))
		}
	}
	each := (server.cpu() - before) / time.Duration(*rounds)
	slices.Sort(took)
	fmt.Printf("GET /v1/records of %d records: %d ms, at best %d ms, CPU time %d ms, %.1f MB\n\n", *count,
		took[len(took)/2].Milliseconds(), took[0].Milliseconds(), each.Milliseconds(), float64(size)/1e6)
	return nil
}

// measureQueries asks with requests to the API and without, in turns. What the requests alone
// cost is measured as well, and subtracted.
func (c *apiClient) measureQueries(ctx context.Context, server *process, queries string) error {
	var plain, loaded, requests []time.Duration
	for range *rounds {
		alone, err := load(ctx, server, queries, apiPort)
		if err != nil {
			return err
		}
		before := server.cpu()
		stop := c.flood(ctx)
		time.Sleep(*period)
		n := stop()
		each := (server.cpu() - before) / time.Duration(max(n, 1))
		stop = c.flood(ctx)
		before = server.cpu()
		both, err := load(ctx, server, queries, apiPort)
		spent := server.cpu() - before
		n = stop()
		if err != nil {
			return err
		}
		share := 1 - float64(each*time.Duration(n))/float64(spent)
		plain, requests = append(plain, alone), append(requests, each)
		loaded = append(loaded, time.Duration(float64(both)*share))
	}
	fmt.Printf("CPU time of the server, %d rounds, %s each, %d of %d requests failed\n\n", *rounds, *period, c.failed.Load(), c.done.Load())
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "of\tmedian us\tleast\tmost\t")
	us := func(d time.Duration) float64 { return float64(d) / 1e3 }
	row := func(of string, times []time.Duration) time.Duration {
		median, _, most := spread(times) // sorts them
		fmt.Fprintf(table, "%s\t%.2f\t%.2f\t%.2f\t\n", of, us(median), us(times[0]), us(most))
		return median
	}
	row("a request to the API", requests)
	without := row("a query", plain)
	with := row("a query meanwhile", loaded)
	table.Flush()
	fmt.Printf("\nratio %.3f\n", float64(with)/float64(without))
	return nil
}

// flood makes apiRate requests in a second until it is stopped, and returns their number.
func (c *apiClient) flood(ctx context.Context) (stop func() int) {
	const clients = 8
	c.Transport = &http.Transport{MaxIdleConnsPerHost: clients}
	ctx, cancel := context.WithCancel(ctx)
	began := c.done.Load()
	var running sync.WaitGroup
	for i := range clients {
		running.Go(func() {
			tick := time.NewTicker(time.Second * clients / apiRate)
			defer tick.Stop()
			for n := i; ; n++ {
				select {
				case <-tick.C:
				case <-ctx.Done():
					return
				}
				if _, err := c.get(context.WithoutCancel(ctx), fmt.Sprintf("/v1/records/www%d.example.org", n%*names)); err != nil {
					c.failed.Add(1)
				}
				c.done.Add(1)
			}
		})
	}
	return func() int {
		cancel()
		running.Wait()
		c.CloseIdleConnections()
		return int(c.done.Load() - began)
	}
}
