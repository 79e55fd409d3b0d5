// Package chain asks the rest of the chain of plugins for the addresses of a
// name, and keeps what it said.
//
// An [Asker] asks once: [Next] the plugins behind, [Host] the whole chain of the
// server block and, if nobody answers there, the resolver of the host. A
// [Follower] asks for one name again as the TTL ends, whether anyone wants to
// know or not; [Kept] keeps what queries made known below a wildcard. [Graph]
// finds names that depend on themselves.
//
// Nothing here changes a record that it was handed: plugins hand out those that
// they answer with.
package chain
