// Package coredns has what the plugin needs of CoreDNS and what CoreDNS does not
// export. Each entry names the upstream change that would end it.
package coredns

import (
	"reflect"

	"github.com/coredns/coredns/plugin"
)

// Zones returns the zones that a plugin of the server block handles, as its field
// "Zones" (cache) or "zones" (dnssec) has them; nil if h is nil or has neither.
// The plugins cannot be imported, as the module of a plugin would need all that
// coremain does. It would end with a method Zones of theirs.
func Zones(h plugin.Handler) (zones []string) {
	v := reflect.Indirect(reflect.ValueOf(h))
	if v.Kind() != reflect.Struct {
		return nil
	}
	for _, name := range []string{"Zones", "zones"} {
		list := v.FieldByName(name)
		if !list.IsValid() || list.Kind() != reflect.Slice || list.Type().Elem().Kind() != reflect.String {
			continue
		}
		for i := range list.Len() {
			zones = append(zones, list.Index(i).String())
		}
	}
	return zones
}
