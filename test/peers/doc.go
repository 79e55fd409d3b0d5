// Package peers tests checks against the programs that they are made for. A
// test starts its program on loopback and ends it; it is skipped where the
// program is not installed.
package peers
