// Package lifecycle keeps what outlives a reload: the checkers of the process, and the
// server blocks that use them.
//
// A [Generation] is one run of the Corefile. During a reload there are two, and a reload
// that fails leaves one that has started and never served. The hooks that CoreDNS runs do
// not show which generation serves (see the table), so [Process] uses the list of
// instances of caddy.
//
// Each event runs these hooks, in this order. The tests are in the root package unless
// said otherwise:
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
//	                          TestLameduck in package test
//
// In a reload Instance.Stop of the old servers runs before their OnShutdown. OnStartup
// hooks added while the servers are made, which is after every setup, run last
// (coredns.Last).
//
// So OnShutdown never fails. The hook for OnRestartFailed is added to every instance, as
// the old Corefile may have no failover block. Every start and every failed restart stops
// the server blocks of generations that caddy no longer lists.
package lifecycle
