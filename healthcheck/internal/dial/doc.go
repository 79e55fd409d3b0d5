// Package dial opens the sockets of probes, and says whose fault it is if that fails.
//
// [Dial] is for TCP and UDP, [OpenPing] for ICMP. Both come from the source that the context
// asks for ([healthcheck.SourceFor]). On Linux an address is connected to with the fewest
// calls of the kernel (socket_linux.go): the net package takes a fifth more CPU for a TCP
// probe, and a checker may take a tenth more than the bare call (BenchmarkProbe of package
// healthcheck). Elsewhere, and for names, it is [net.Dialer] that dials. The files for other
// systems are vetted for Darwin and Windows in CI.
//
// [Error] and [Because] put what went wrong into words. They tell the target's silence or
// refusal, which is a failed probe, from what says nothing of it: no route, no name, no
// descriptors, or the end of the checker.
package dial
