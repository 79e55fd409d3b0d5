package corefile

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

// FuzzParse checks that no tokens make Parse panic, and that what it accepts keeps the
// promises of the types.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"failover {\nprimary 192.0.2.1\ncheck none\n}",
		"failover a.example *.b.example {\nsecondary 2001:db8::1\ncheck tcp :80 {\ninterval 1s\ntimeout 1s\nfall 2 3s\n}\n}",
		"failover . {\nrequire 1\ncheck http web:80/x {\nhost a\nstatus 200 300-301\njitter 0%\n}\ncheck https\n" +
			"record @ * *.x y.z. {\nall_down x\npool x {\nendpoint 192.0.2.1 name a port 1 probe ::1\n" +
			"endpoint 192.0.2.2 disabled\nmin_healthy 50%\npolicy first 2\n}\n}\n}",
		"failover {\nrecord a {\nprimary 192.0.2.1 {\nrequire any\n}\n}\ncheck http {\nheader a \"b\nc\"\nbasic_auth a b\n}\n}",
		inCheck("check https {endpoint}.x", "tls_pin "+strings.Repeat("a", 64)+"\nbody \"\"\nbearer x\nredirects 3"),
		"failover\n{ } {\n}\n}",
		"failover {\nttl 60 5\nfailback after 1m\nsteer latency 10%\necs_from 10.0.0.0/8 ::1\ncheck none\nrecord a b {\n" +
			"primary next\npool x b.example.net 192.0.2.1 {\npolicy hash 9\npanic 20%\nweight 0\nprefer type() == 'A'\n}\n" +
			"pool y {\nas cname\nendpoint y.example.net weight 3 port 80\n}\n}\n}",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		config, err := Parse(controller(text))
		if err != nil {
			if !strings.Contains(err.Error(), " - Error during parsing: ") {
				t.Errorf("error without its place: %v", err)
			}
			return
		}
		seen := make(map[string]bool)
		for _, r := range config.Records {
			if seen[r.Name] {
				t.Errorf("record %q twice", r.Name)
			}
			seen[r.Name] = true
			holdsRecord(t, r)
		}
	})
}

func holdsRecord(t *testing.T, r pool.Record) {
	if _, ok := dns.IsDomainName(r.Name); !ok || !dns.IsFqdn(r.Name) || r.Name != strings.ToLower(r.Name) {
		t.Errorf("record name %q is not absolute and in lower case", r.Name)
	}
	if !dns.IsSubDomain(r.Zone, r.Name) {
		t.Errorf("record %q is outside its zone %q", r.Name, r.Zone)
	}
	if r.MinTTL > r.TTL {
		t.Errorf("record %q: ttl %d to %d", r.Name, r.TTL, r.MinTTL)
	}
	if r.AllDown.Pool >= len(r.Pools) {
		t.Errorf("record %q: all_down names pool %d of %d", r.Name, r.AllDown.Pool, len(r.Pools))
	}
	if !hasEnabled(r.Pools) {
		t.Errorf("record %q has no enabled endpoint", r.Name)
	}
	names := make(map[string]bool)
	for _, p := range r.Pools {
		if names[p.Name] {
			t.Errorf("record %q has pool %q twice", r.Name, p.Name)
		}
		names[p.Name] = true
		holdsPool(t, p)
	}
}

func holdsPool(t *testing.T, p pool.Pool) {
	n := len(p.Endpoints)
	if slices.ContainsFunc(p.Endpoints, func(e pool.Endpoint) bool { return !e.Addr.IsValid() }) {
		n = max(n, maxUnknown)
	}
	if p.CNAME && (len(p.Endpoints) != 1 || p.Endpoints[0].Host == "") {
		t.Errorf("a CNAME with the endpoints %+v", p.Endpoints)
	}
	if p.MinHealthy.Count < 0 || p.MinHealthy.Count > n || p.MinHealthy.Percent < 0 || p.MinHealthy.Percent > 100 || p.Policy.Count < 0 || p.Policy.Count > n {
		t.Errorf("pool of %d: min_healthy %+v, policy %+v", n, p.MinHealthy, p.Policy)
	}
	addrs, names := make(map[string]bool), make(map[string]bool)
	for _, e := range p.Endpoints {
		if target := describeTarget(e); addrs[target] || names[e.Name] && e.Name != "" {
			t.Errorf("endpoint %+v twice", e)
		}
		if e.Next && !p.Next() {
			t.Errorf("next beside others: %+v", p.Endpoints)
		}
		addrs[describeTarget(e)], names[e.Name] = true, true
		holdsEndpoint(t, e)
	}
}

func holdsEndpoint(t *testing.T, e pool.Endpoint) {
	if e.Addr.Is4In6() || e.Addr.Zone() != "" {
		t.Errorf("endpoint address %v", e.Addr)
	}
	kinds := 0
	for _, is := range []bool{e.Addr.IsValid(), e.Host != "", e.Next} {
		if is {
			kinds++
		}
	}
	if kinds != 1 || (e.Name == "") && e.Addr.IsValid() {
		t.Errorf("endpoint of %d kinds: %+v", kinds, e)
	}
	if e.Host != strings.ToLower(e.Host) || e.Host != "" && (!dns.IsFqdn(e.Host) || dns.CountLabel(e.Host) < 2) {
		t.Errorf("host name %q", e.Host)
	}
	if len(e.Checks) > 0 && (e.Require < 1 || e.Require > len(e.Checks)) {
		t.Errorf("require %d of %d", e.Require, len(e.Checks))
	}
	for _, key := range e.Checks {
		s := key.Spec
		if s.Check == nil {
			t.Errorf("check without subject: %+v", key)
		}
		const minInterval, maxInterval, minTimeout = 20 * time.Millisecond, time.Hour, 10 * time.Millisecond
		if s.Interval < minInterval || s.Interval > maxInterval ||
			s.Timeout < minTimeout || s.Timeout > s.Interval ||
			s.FastInterval < minTimeout || s.FastInterval > s.Interval {
			t.Errorf("timing out of range: %+v", s)
		}
		if s.Fall.Count < 1 || s.Rise.Count < 1 || s.Fall.For < 0 || s.Rise.For < 0 || s.Jitter < 0 || s.Jitter > 50 {
			t.Errorf("thresholds out of range: %+v", s)
		}
	}
}
