// Package dnsreply reads what DNS servers say, also where they leave out the question.
//
// It is a package of its own because three that must not know each other use it: the check
// "dns", the sockets of probes, and plugin/lookup, which looks up names with [DialNameServer].
package dnsreply
