// Package syntax reads the lines of a Corefile: words, braces, values, and tables of
// the properties that may be in braces.
//
// It knows no property. Each error has the file and the line at fault, as those of
// CoreDNS have, and says property, value and what was expected.
package syntax
