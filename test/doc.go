// Package test runs the built server as users do: a Corefile, a process, real
// sockets and real clients. Nothing in it imports the plugin.
//
// A test starts a [server] with a Corefile, makes [target]s of it well or sick,
// and looks at answers, metrics and the log. Nothing is waited for by sleeping:
// [eventually] polls for what must become true, and [always] for what must not
// stop being true while something else happens.
//
// Everything that is probed or asked is on a loopback address. Each server and
// each target has one of its own, so that tests do not meet.
package test
