// Package lookup finds the addresses of names with the next plugins, the rest of the
// server block and the resolver of the host, and keeps the replies.
//
//	resolver.go     a resolver makes one lookup of a name and a type
//	plugins.go      plugins: a resolver with the next plugins
//	host.go         host: a resolver for host names, with the server block from
//	                coredns.Entry on and, without an answer there, other server blocks
//	                and the resolver of the host
//	target.go       Targets look up the target of a CNAME for a client
//	refresher.go    a refresher repeats a lookup when the TTL ends, without queries
//	lookups.go      Lookups pass its replies to the records and witnesses that need them
//	soa.go          SOAs are the SOA records that the next plugins have
//	wildcard.go     a Wildcard learns the names below it from queries
//	cache.go        a replyCache keeps replies for their TTL
//	graph.go        a graph finds names that depend on themselves, with Trace
//	witness.go      a Witness is here because its host name is looked up like any other
//
// Nothing here changes a record that it was given: plugins give out records that they
// keep.
package lookup
