package peers

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/coredns-failover/failover/healthcheck/probe"
)

// This Prometheus scrapes itself, and port 1, where nothing listens.
func TestPrometheus(t *testing.T) {
	path := find(t, "prometheus")
	port := vacant(t)
	config := write(t, filepath.Join(dir(t), "config"), fmt.Sprintf(`
global:
  scrape_interval: 1s
  scrape_timeout: 1s
scrape_configs:
  - job_name: self
    metrics_path: /prefix/metrics
    static_configs: [{targets: ["127.0.0.1:%d"]}]
  - job_name: nobody
    static_configs: [{targets: ["127.0.0.1:1"]}]
`, port))
	start(t, path, "--config.file="+config, fmt.Sprintf("--web.listen-address=127.0.0.1:%d", port),
		"--web.route-prefix=/prefix", "--storage.tsdb.path="+dir(t))
	check := probe.Prometheus{Server: probe.Target{Host: "127.0.0.1", Port: port, Path: "/prefix"}}
	query := func(q string) probe.Prometheus {
		check.Query = q
		return check
	}
	eventually(t, query(`up{job="self"}`), "")
	eventually(t, query(`up{job="nobody"}`), "the result is zero")

	wants(t, query(`up{instance=~"{endpoint}:.*",job="self"} == 1`), "")
	wants(t, query(`up`), "")
	wants(t, query(`up{instance="{endpoint}:9999"}`), "the result is empty")
	wants(t, query(`sum(up) > bool 1`), "the result is zero")
	wants(t, query(`scalar(up{job="self"})`), "")
	wants(t, query(`vector(0)/0`), "the result is NaN")
	wants(t, query(`1/0`), "")
	wants(t, query(`0`), "the result is zero")
	wants(t, query(`"text"`), "unknown: the result is a string, expected a vector or scalar")
	wants(t, query(`up[1m]`), "unknown: the result is a matrix, expected a vector or scalar")
	wants(t, query(`up{`), "unknown: the query: bad_data: ")
	wants(t, query(`nosuch(up)`), "unknown: the query: bad_data: ")
	wants(t, query(`up * on() up`), "unknown: the query: execution: ")
	check.Server.Path = "/elsewhere"
	wants(t, query(`up`), "unknown: status 404, expected 200")
	check.Server.Port = vacant(t)
	wants(t, query(`up`), "unknown: connect: connection refused")
}
