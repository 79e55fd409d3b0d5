// Package lifecycle has what a reload does not end: the checkers of the process, and
// which server blocks use them.
//
// A [Generation] is one run of the Corefile. While a reload is under way two of them
// exist, and a reload that fails leaves one behind that has started and never served.
// Which hooks CoreDNS runs does not tell which generation serves (see the table), so
// a [Process] goes by the instances that caddy lists.
//
// Each event runs these hooks, in this order; the tests are those of the root package:
//
//	a good reload             OnRestart(old), setup(new), OnStartup(new), OnShutdown(old): the generations overlap
//	                          TestRestarts/a_good_one, TestReloadStorm
//	a parse error anywhere    OnRestart(old), setup(new), OnRestartFailed(old): nothing undoes the setup
//	                          TestRestarts/an_unknown_directive, TestRestarts/a_wrong_failover_block
//	another plugin's          ..., OnStartup(new), OnRestartFailed(old): OnShutdown(new) never runs
//	OnStartup fails           TestRestarts/another_before_us_cannot_start, TestRestarts/another_after_us_cannot_start
//	a listener fails          the same
//	                          TestRestarts/a_listener_cannot
//	another plugin's          ..., OnStartup(new), OnRestartFailed(old): yet the new instance serves
//	OnShutdown fails          TestRestarts/another_before_us_cannot_stop, TestRestarts/another_after_us_cannot_stop
//	SIGTERM                   all OnShutdown, all OnFinalShutdown (health waits for its lameduck there), then
//	                          Instance.Stop: probes and answers go on until the servers stop
//	                          TestLameduck, which package test has
//
// In a reload Instance.Stop of the old servers runs before their OnShutdown. OnStartup
// hooks added while the servers are made, which is after every setup, run last
// (coredns.Last).
//
// So OnShutdown never fails, the hook for OnRestartFailed is put on every instance
// (the old Corefile may have no failover block), and what belongs to generations that
// caddy does not list any more is stopped at every start and failure.
package lifecycle
