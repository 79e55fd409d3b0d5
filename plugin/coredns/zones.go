// Package coredns has what the plugin needs from CoreDNS and CoreDNS does not export. Each
// function says which change of CoreDNS would end it.
package coredns

import (
	"reflect"

	"github.com/coredns/coredns/plugin"
)

// Zones returns the zones of a plugin, which are in its field "Zones" (cache) or "zones"
// (dnssec); nil if h is nil or has neither. Importing these plugins would add all modules
// of coremain to go.mod. It would end with a method Zones of the plugins.
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
