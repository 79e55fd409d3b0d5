// Package syntax reads the lines of a Corefile: words, braces, values, and tables of
// the properties that may be in braces.
//
// It knows no property. Each error names the file and the line, as the errors of CoreDNS
// do, the property, its value and what was expected.
package syntax
