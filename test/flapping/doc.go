// Package flapping is a laboratory in virtual time: how often settings of a check
// fail over without need, how soon they see a dead target, and how long a record
// then answers from the wrong pool.
//
// The record has a primary pool of one endpoint or more and a secondary that is
// always healthy; the primary is down while all its endpoints are. Endpoints are
// run by [healthcheck.Simulate], which is the state machine and the schedule of the
// server, and their settings are read from a Corefile. Seeds are fixed: the same
// scenario gives the same numbers.
//
// What a target does to a probe:
//
//   - It passes it within 5 ms.
//   - It refuses it: a reset, or a status that says no, within 1 ms.
//   - The probe is lost: it fails when its timeout is over.
//
// A loss of N % means that each probe is lost with that probability, whatever
// became of the others. The check behind that number is one that connects: when its
// SYN or the answer to that is lost, the kernel asks again after one second, which
// is the timeout, so that each lost packet of these two is a lost probe. N % of
// packets lost in each direction are so nearly 2N % of probes. What is lost later
// on a connection is sent again within a fraction of the timeout, and costs none.
package flapping
