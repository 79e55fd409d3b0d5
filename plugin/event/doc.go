// Package event tells what happens to checks, records and lookups: each once, to
// every [Subscriber].
//
// [Hooks] makes events of what a healthcheck.Registry tells, an [Observer] of what
// the pool.Tracker of a record tells, and [Lookup] of what lookups tell. [Log] writes
// them to the log of CoreDNS, and package metrics measures them.
//
// Subscribers are called at once, one after the other, after queries see the change and
// with the Tracker of the record locked: they must not block for long and must not call
// into it. A subscriber that waits for somebody keeps a queue of its own.
//
// To add a kind: 1. a constant in event.go, with the fields that it sets; 2. a line in
// log.go; 3. what makes it, in hooks.go or observer.go.
package event
