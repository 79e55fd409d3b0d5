// Package reload reads what checks keep in files, and reads it again when they change.
//
// A [Value] is made from files, a [Secret] is a text that is configured or stands in one. What
// was good stays until there is something better. A file system that hangs holds nobody up
// for longer than its context, and costs one goroutine.
package reload
