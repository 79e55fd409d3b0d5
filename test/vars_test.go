package test

import (
	"regexp"
	"strings"
	"sync"
	"testing"
)

// vars has the values of $name in a Corefile. $ip is the server's address and $dir its
// directory; any other name that is not set becomes a free port of $ip.
type vars map[string]string

var variable = regexp.MustCompile(`\$[a-z]+[0-9]*`)

// varsMu guards all vars, because a test sends queries while it reloads.
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

// fast is the usual timing of checks here: a target that fails is down soon, and a healthy
// one has two seconds to answer on a busy machine.
const fast = `
	interval 500ms
	timeout 500ms
	fast_interval 20ms
	fall 4
	rise 2
`

// zoneFile is how zone files begin here.
const zoneFile = `
$TTL 3600
@ SOA ns hostmaster 7 7200 1800 86400 300
@ NS ns
ns A 127.0.0.53
`

// indent returns s as it is shown in a message.
func indent(s string) string { return "\t" + strings.ReplaceAll(s, "\n", "\n\t") }
