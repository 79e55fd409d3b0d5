// Package flapping simulates failovers in virtual time. It measures how often the settings of
// a check fail over without need, how soon they find a dead target, and how long a record
// then answers from the wrong pool.
//
// The record has a primary pool of one or more endpoints, and a secondary pool that is
// always healthy. The primary is down while all its endpoints are. [healthcheck.Simulate],
// which has the state machine and the schedule of the server, runs the endpoints. Their
// settings are parsed from a Corefile. Seeds are fixed: the same scenario gives the same
// numbers.
//
// A probe of a target ends in one of three ways:
//
//   - It passes after 5 ms.
//   - It is refused, by a reset or a status, after 1 ms.
//   - It is lost, and fails after its timeout.
//
// A loss of N % means that each probe is lost with this probability, independently of
// others. That is what a check that connects sees: if its SYN or SYN-ACK is lost, the kernel
// sends the SYN again after 1 s, which is the timeout, so the probe is lost. If N % of the
// packets are lost in each direction, nearly 2N % of the probes are. Later packets of a
// connection are sent again within a fraction of the timeout; their loss costs no probe.
package flapping
