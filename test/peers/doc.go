// Package peers probes real programs with checks written as in a Corefile, some of them
// taken from the manual.
//
// Each program has a file of tests. They start the program on loopback or in a
// network namespace of their own, stop or kill it, or break the network between.
// Tests of programs that are not installed are skipped; CI installs all of them.
package peers
