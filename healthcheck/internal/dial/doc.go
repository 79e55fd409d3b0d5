// Package dial opens the sockets of probes, and decides whether an error is a failure of the
// target.
//
// [Dial] is for TCP and UDP, [OpenPing] for ICMP. Both send from the source address in the
// context ([healthcheck.SourceFor]). On Linux, Dial connects to an address with as few system
// calls as possible (socket_linux.go): the net package takes a fifth more CPU time for a TCP
// probe, and a checker may take at most a tenth more than the bare call (BenchmarkProbe of
// package healthcheck). On other systems, and for names, it uses [net.Dialer]. CI vets the
// files for other systems on Darwin and Windows.
//
// [Error] and [Because] make the error of a probe. If the target refuses or is silent, that
// is a failure. If there is no route, name or descriptor, or the checker is stopped, it is
// inconclusive.
package dial
