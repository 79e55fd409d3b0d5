// Package event tells every [Subscriber] once what happens to checks, records and lookups.
//
// [Hooks] makes events from the hooks of a healthcheck.Registry, an [Observer] from the
// changes of the pool.Tracker of a record, and [Lookup] from the results of lookups. [Log]
// writes them to the log of CoreDNS, and package metrics measures them.
//
// Subscribers are called one after the other, after queries see the change, and with the
// Tracker of the record locked: they must not call it, and must not block. A subscriber
// that has to wait needs a queue of its own.
//
// To add a kind: 1. add a constant in event.go, with the fields that it sets; 2. add a line
// in log.go; 3. make the event in hooks.go or observer.go.
package event
