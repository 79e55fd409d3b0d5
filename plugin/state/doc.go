// Package state keeps in a file what a restart must not forget: the operator's overrides,
// holds, damping, the last states of endpoints, the last beats of heartbeats, and what has
// happened.
//
// A [File] is locked for the process as long as it is open. It is written whole, to a new
// file that is synced and renamed into its place: whoever reads it finds the old content or
// the new one. [File.Save] returns once the content is on disk; [File.Changed] has it written
// soon, once a second at most. A disk that does not answer delays nobody for more than a few
// seconds.
package state
