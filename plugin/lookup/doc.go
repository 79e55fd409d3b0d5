// Package lookup asks the rest of the chain of plugins for the addresses of a
// name, and keeps what it said.
//
// An [Asker] asks once: [Next] the plugins behind, [Host] the chain of the server
// block from [coredns.Entry] on and, if nobody answers there, the resolver of the host.
// [Targets] look up for a client what a CNAME leads to. A
// [Follower] asks for one name again as the TTL ends, whether anyone wants to
// know or not, and [Feeds] hand what it hears to the records and the witnesses
// that need it. Below a wildcard, [Names] are known from queries, whose replies
// [Kept] keeps. [Graph] and [Trace] find names that depend on themselves.
//
// A [Witness] is kept here because its host name is looked up like any other.
//
// Nothing here changes a record that it was handed: plugins hand out those that
// they answer with.
package lookup
