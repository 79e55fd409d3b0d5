// Package content follows which names exist in the zones that the next plugins
// serve, so that no wildcard covers them.
//
// It asks the plugins that know all of a zone and whether that has changed: file,
// auto and secondary, through the interface that the transfer plugin has for them.
// Other plugins that can transfer a zone, such as kubernetes, make it up for each
// transfer.
package content
