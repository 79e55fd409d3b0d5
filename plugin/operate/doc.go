// Package operate has what people see and steer a running server with: the journal of
// what has happened, the operator's overrides, the API, and the state file.
//
// An [Operator] has them for the process. What the Corefile says of them is opened once
// for each generation of it, before the first record starts, and closed when its last
// server block has stopped: a listener, or the lock of a file, that the next generation
// uses as well stays as it is.
package operate
