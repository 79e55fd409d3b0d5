// Package probe has the types of checks: one comparable struct per type, in a file named
// after the type.
//
// The fields of a check are its whole configuration, with the defaults filled in. Its
// Prober method compiles and opens what a checker needs once. What the package promises:
//
//   - A probe ends when its context ends, and leaves no connection, process or goroutine
//     behind. Two things cannot be ended: a read of a file on a file system that hangs, and
//     a program that cannot be killed. One goroutine waits for each of them, however many
//     probes need it.
//   - nil is a pass. An error is a fail, and says why in words that may be logged: it
//     contains no secret, and nothing of what was sent that could be one.
//   - An error made by [healthcheck.MarkInconclusive] says nothing about the target: the
//     probe is inconclusive.
//   - What a target sends is read up to a limit.
//
// Sockets come from healthcheck/internal/dial, and files that may change from
// healthcheck/internal/reload.
//
// # To add a check
//
// TCP is the shortest example: tcp.go here, and tcp.go in plugin/corefile/internal/check.
//
//  1. In a file named after the type, write the configuration as a comparable struct with
//     the methods of [healthcheck.Check]. A list is one canonical string, so that equal
//     checks are equal by ==.
//  2. Let Prober compile or read what is needed once, and return a [healthcheck.Prober].
//     Open connections with connect or dial.Dial: these use the source address of the
//     check. Wrap an error that says nothing about the target in
//     [healthcheck.MarkInconclusive]; dial.Error and dial.Because do so where it applies.
//  3. If a probe has more than one descriptor open at a time, give the check a method in
//     descriptors.go. If it verifies certificates, give it one in authorities_need.go. If
//     its connection can be watched, make the prober a [healthcheck.Watcher].
//  4. Parse it in plugin/corefile/internal/check: the documentation of that package has the
//     steps.
//  5. Document it in healthcheck/README.md, with an example.
//  6. Test it here against a peer in memory, and in test/peers against a real program. Add
//     it to BenchmarkProbe of package healthcheck.
package probe
