// Package reload reads values of checks from files, and reads them again when they change.
//
// A [Value] is made from files. A [Secret] is a text in the configuration or in a file. A good
// value stays until a new one can be read. If the file system hangs, callers wait until their
// context ends, and one goroutine hangs for each set of files.
package reload
