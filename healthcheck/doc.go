// Package healthcheck decides whether endpoints are up.
//
// A [Spec] says how an endpoint is probed and how many results of one kind
// decide; a [Key] is a Spec and the address that it is asked of. A [Registry]
// runs one checker per Key, however many [Lease]s are held on it, so that the
// same check of the same address is one stream of probes in the whole process.
//
// What the package promises:
//
//   - A checker has at most one probe in flight, and probes of different
//     checkers never wait for each other.
//   - An idle checker costs a timer, not a goroutine.
//   - When the last Lease is released its probe has ended and nothing is left.
//   - A probe's time ([WithTimeout]) and the address that it comes from ([SourceFor]) are in
//     its context. It does not count, retry or know of other probes.
//   - Nothing here knows the types of checks, what the plugin answers, the Corefile,
//     Prometheus or CoreDNS.
//
// Mutexes are taken in this order: of what holds leases (a Tracker of package
// pool), of the Registry, of a checker, of the witnesses or the queue of breaks,
// of a timer. None of this package is held while a probe runs, while anything is
// waited for, and while the holder of a Lease or a hook is told of a result; and
// nobody holds any while a Lease is released, because that waits for a probe.
//
// Whatever asks is a [Prober]. The checks of the Corefile are in package probe, whose
// documentation says how to add one.
package healthcheck
