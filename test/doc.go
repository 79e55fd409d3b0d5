// Package test runs the built server as users do: a Corefile, a process, real
// sockets and real clients. Nothing in it imports the plugin.
//
// A test starts a [server] with a Corefile, makes its [target]s fail and recover,
// and checks answers, metrics and the log. No test waits by sleeping: [eventually]
// polls until a condition holds, and [always] checks that one holds all the time
// while something else happens.
//
// Everything that is probed or queried is on a loopback address. Each server and
// each target has an address of its own, so that tests do not disturb each other.
package test
