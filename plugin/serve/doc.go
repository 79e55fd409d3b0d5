// Package serve answers queries for the records of one server block, a [Block].
//
//	Find             what the name is: a record's, an empty non-terminal, in a zone, or none of ours
//	ServeRecord      decide (one atomic load of the View, then the policy) -> a Decision
//	                 -> reply, or the next plugins while they answer for the record
//	ServeFromNext    the next plugins answer; nobody denies a name that exists
//	ServeOutOfZone           the next plugins answer for a name that is not ours
//
// What the next plugins write goes through one writer, which says in which order an
// answer is edited. Our own answers are written as they are, or with the last of these
// edits if the record is degraded or the client told its subnet.
//
// A plain answer takes no lock and one allocation. Each query runs on a fresh stack of
// 2 KB: frames on its way stay below 512 bytes, and what is rare is a function of its own.
package serve
