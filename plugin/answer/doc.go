// Package answer builds replies, from addresses or from replies of the next plugins.
//
//	answer.go      a reply with given records, NODATA, SERVFAIL
//	any.go         ANY, from the answers to A and AAAA
//	apex.go        SOA and NS of a zone for which no next plugin answers
//	from_next.go   a reply with addresses that the next plugins gave
//	target.go      a CNAME, completed by the answer for its target
//	edns.go        Extended DNS Errors and client subnets
//
// It edits replies of the next plugins on their way:
//
//	writer.go      the writer that sees them, and whether there was one
//	guard.go       no reply denies a record's name or gives it to somebody else
//	refresh*.go    records that lead to a record's name get its current addresses:
//	               HTTPS and SVCB (hints), MX, SRV and NS (additional section), CNAME
//
// Every reply is a new message, because some transports keep it, with new sections,
// because some plugins sort them. The records in them are shared by all replies, as
// those of CoreDNS's own plugins are.
package answer
