// Package probe has the checks that an endpoint can be given: one file, and one
// comparable struct, per type.
//
// A check's fields are all that is configured, with the defaults filled in; its
// Prober compiles and opens whatever a checker needs once. What the package promises:
//
//   - A probe ends with its context, and leaves no connection, process or goroutine
//     behind. Two things cannot be ended: a read of a file that hangs, and a program that
//     cannot be killed. Both are waited for by one goroutine, however many want them.
//   - nil is a pass. An error is a fail and says why in words that may be logged: it holds no
//     secret, nor anything that could be one in what was sent.
//   - An error that says nothing of the target, because this host could not ask, is one
//     of [healthcheck.MarkInconclusive].
//   - What a target says is read up to a limit.
//
// Sockets come from internal/dial, and files that may change from internal/reload.
//
// To add a probe:
//
//  1. Write its configuration as a comparable struct in a file named after it, with the
//     methods of [healthcheck.Check]. Lists are kept as one canonical string, so that equal
//     checks are equal by ==. TCP, in tcp.go, is the shortest example.
//  2. Let Prober make whatever is compiled or read once, and return the
//     [healthcheck.Prober] that asks. Open connections with connect or dial.Dial: these come
//     from the source that the check wants. Wrap a cause with [healthcheck.MarkInconclusive] when
//     it says nothing about the target.
//  3. If a probe has more than one descriptor open at a time, say so in descriptors.go. If it
//     verifies certificates, say so in authorities_need.go. If what it opened can be
//     watched, make the Prober a [healthcheck.Watcher].
//  4. Give it words in plugin/corefile, in a file named after it.
//  5. Describe it in README.md, with an example. Test it against a peer in memory here,
//     and against a real one in test/peers. Add it to BenchmarkProbe of package healthcheck.
package probe
