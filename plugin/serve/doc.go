// Package serve answers queries for the records of one server block, a [Block].
// [Block.Find] says what a name is to the block; the type of the query says the rest:
//
//	A, AAAA, ANY of a record              addresses.go     from the pool that decision.go chooses
//	any type of a record that is a CNAME  cname.go         the CNAME and the answer for its target
//	other types of a record: HTTPS, MX    other_types.go   the next plugins, whose denials become NODATA
//	any type of a record in mode Next     mode_next.go     the next plugins, and what all_down says
//	other names in a zone                 other_types.go   the next plugins, else NODATA or NXDOMAIN
//	names in no zone                      out_of_zone.go   the next plugins, else REFUSED
//
// Where the next plugins answer, writer.go says in which order their reply is edited:
//
//	answer.Guard          keeps names that exist because of a record
//	refresh.go            gives HTTPS and SVCB current hints (answer/refresh_https.go), and MX,
//	                      SRV, NS and CNAME the current addresses of the records they lead to
//	refresh_addresses.go  what these addresses are
//	refresh_target.go     a CNAME to a record ends as the record's own answer does
//	edits                 AA and TTL, the Extended DNS Error, the client subnet
//
// Our own answers get the last of these if the record is degraded or the query has a
// client subnet, else none.
//
// A plain answer takes no lock and one allocation. Each query runs on a new stack of
// 2 KB: the frames on its way stay below 512 bytes, and rare cases have functions of
// their own.
package serve
