// Package content finds the names that exist in the zones of the next plugins, so that no
// wildcard covers them.
//
// It polls the plugins that hold whole zones and can tell whether they have changed:
// file, auto and secondary, through the interface that the transfer plugin has for them.
// Other plugins that can transfer a zone, such as kubernetes, build it for each transfer.
package content
