// Package healthcheck probes endpoints again and again, and decides from the results whether they are up.
//
// A [Spec] is a check with its timing and thresholds. A [Key] is a Spec and an address. A
// [Registry] runs one checker per Key, however many leases ([Lease]) are held on it: the
// same check of the same address is one stream of probes in the whole process. [Simulate] runs the
// same state machine in virtual time. The checks of the Corefile are in package probe,
// whose documentation says how to add one.
//
// # What happens to the result of a probe
//
//  1. A checker's timer fires, and the checker calls [Prober.Probe] once (checker.go).
//  2. The error becomes a [Result] (result.go): nil is a pass, an error that wraps
//     [ErrInconclusive] says nothing about the target, and any other is a fail. Spec.Invert
//     swaps pass and fail.
//  3. The state machine counts the result and decides on a [State] (machine.go). While no
//     witness answers, it sees no results (witness.go).
//  4. The methods of [Lease] return what was decided, and the timer is set for the next
//     probe (outcome.go).
//  5. Callbacks are called, in this order: after a [Transition] the function that each
//     holder gave to [Registry.Acquire], and Hooks.Changed; [Lease.OnDoubt];
//     [Lease.OnProbe]; then Frozen, Probed and Inconclusive of [Hooks].
//
// # Who may stop a checker
//
// Only [Registry.Release], when it releases the last Lease of the checker. It cancels the
// probe in flight, whose result is dropped, and closes a watched connection. When it
// returns, both have ended and nothing of the checker is left. It must not be called from a
// callback, nor with a mutex held that a callback takes: it waits for callbacks to end.
//
// # Promises
//
//   - A checker has at most one probe in flight. Probes of different checkers do not wait
//     for each other, unless the process runs out of descriptors (descriptors.go).
//   - An idle checker costs a timer, and a goroutine only for a watched connection.
//   - The time limit of a probe ([WithTimeout]) and its source address ([SourceFor]) are in
//     its context. A Prober does not count, log or retry, and knows no other probe.
//   - The package does not know the types of checks, DNS answers, the Corefile, Prometheus
//     or CoreDNS.
//
// # Lock order
//
// Mutexes are taken in this order: of the holder of leases (a Tracker of package pool), of
// the Registry, of a checker, of the witnesses or the watch queue, of a timer. No mutex of
// this package is held while a probe runs, while something is waited for, or while a
// callback runs.
package healthcheck
