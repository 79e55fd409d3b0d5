// Package corefile turns the failover blocks of a Corefile into plain
// configuration.
//
// It dials, starts and registers nothing, and reads files only to refuse those
// that could not be used. Whatever it returns is complete: defaults are filled
// in, inheritance is resolved, names are absolute and in lower case. Whatever
// it refuses, it refuses with the file and the line at fault, and never with
// the value of a secret.
//
// Tokens become a tree of lines (lines.go), a line of each level is looked up
// in that level's table of properties (property.go) and kept as written, and
// once a block has been read its records are resolved (resolve.go). What one
// record makes of another is judged when all blocks have been read (loop.go).
//
// To add a property: write a function that reads its line, and enter it in the
// table of the place where it stands. To add a check: write its table and a
// function that builds it for an endpoint, and enter both in checkTypes; one that
// takes more than an ARG has a function that reads its arguments as well.
package corefile
