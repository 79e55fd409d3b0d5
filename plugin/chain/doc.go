// Package chain asks others for the addresses of names: the plugins behind this
// one, the whole server block, or the resolver of the host.
//
// An [Asker] asks once. A [Follower] asks for one name again as its TTL ends,
// [Feeds] do that for all that the records of a server block need, and [Names]
// keep what queries have brought up below a wildcard. What was said is kept for
// its TTL, so that whoever is behind is asked no more often than behind the
// cache plugin.
package chain
