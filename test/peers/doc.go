// Package peers asks real programs how they are, with checks as they stand in a
// Corefile, those of the manual among them.
//
// Each peer has a file of tests. They start the program on loopback or in a
// network namespace of their own, kill it, stop it, or break what is between,
// and end it. One that is not installed is skipped; what CI runs installs all.
package peers
