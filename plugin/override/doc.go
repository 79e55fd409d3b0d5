// Package override keeps the operator's word: that an endpoint is up, that a pool is
// not to be used, that a record answers from another pool, for an hour or for ever.
//
// A [Set] has all overrides of the process. It turns them into the pool.Orders of each
// [Record] that is attached to it, ends those that expire, and says beforehand what a
// [Change] would bring about. Overrides outlast the records that they are about: those of
// a record that a reload removed wait for it until they end.
//
// Of several overrides that touch one endpoint that of the record counts before that of
// the pool, and that before the one of the endpoint or of its address; of these two the
// newer counts.
package override
