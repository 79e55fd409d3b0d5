// Package lookup finds the addresses of names with the next plugins, the rest of the
// server block and the resolver of the host, and keeps the replies.
//
// A [resolver] makes one lookup: [plugins] with the next plugins, host with the chain
// of the server block from [coredns.Entry] on and, without an answer there, with the
// resolver of the host. [Targets] look up the target of a CNAME for a client. A
// [refresher] repeats the lookup of a name when the TTL ends, with or without
// queries, and [Lookups] pass its replies to the records and witnesses that need them.
// The names below a [Wildcard] are learned from queries, and a [replyCache] keeps their
// replies. [graph] and [Trace] find names that depend on themselves.
//
// A [Witness] is in this package because its host name is looked up like any other.
//
// Nothing here changes a record that it was given: plugins give out records that they
// keep.
package lookup
