// Package dnsreply reads replies of DNS servers, including those without a question.
//
// The check "dns", the dialer of probes and plugin/lookup use it; the last two look up names
// with [DialNameServer].
package dnsreply
