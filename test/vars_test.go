package test

import (
	"regexp"
	"strings"
	"sync"
	"testing"
)

// vars are what stands for $name in a Corefile. $ip is the server's address and
// $dir its directory; any other name that is not set is a free port of $ip.
type vars map[string]string

var variable = regexp.MustCompile(`\$[a-z]+[0-9]*`)

// varsMu guards all vars: a test asks while it reloads.
var varsMu sync.Mutex

// expand replaces the variables of text.
func (v vars) expand(t *testing.T, text string) string {
	varsMu.Lock()
	defer varsMu.Unlock()
	return variable.ReplaceAllStringFunc(text, func(name string) string {
		name = name[1:]
		if _, ok := v[name]; !ok {
			v[name] = freePort(t, v["ip"])
		}
		return v[name]
	})
}

// fast is how checks are timed here: a target that is sick is soon found out, and
// one that is well has two seconds to answer on a busy machine.
const fast = `
	interval 500ms
	timeout 500ms
	fast_interval 20ms
	fall 4
	rise 2
`

// zoneFile is the beginning of the zone files here.
const zoneFile = `
$TTL 3600
@ SOA ns hostmaster 7 7200 1800 86400 300
@ NS ns
ns A 127.0.0.53
`

// indent is for text that is part of a message.
func indent(s string) string { return "\t" + strings.ReplaceAll(s, "\n", "\n\t") }
