package admin

import (
	"net/netip"
	"reflect"
	"strings"
	"time"

	"github.com/coredns-failover/failover/plugin/event"
	"github.com/coredns-failover/failover/plugin/pool"
)

// A schema is a JSON Schema, or another object of an OpenAPI document.
type schema map[string]any

// known are the schemas of types that are not as their fields say.
var known = map[reflect.Type]schema{
	reflect.TypeFor[time.Time]():   {"type": "string", "format": "date-time"},
	reflect.TypeFor[netip.Addr]():  schemaOfAddress,
	reflect.TypeFor[schema]():      {"type": "object"},
	reflect.TypeFor[pool.State]():  enumOf(pool.OK, pool.FailedOver, pool.Degraded),
	reflect.TypeFor[pool.Action](): enumOf(pool.ForceUp, pool.ForceDown, pool.Drain, pool.Use, pool.Freeze),
}

// enums are the words that a field may have, by "Type.name".
var enums = map[string][]string{
	"healthView.status":   {"ok"},
	"PoolView.state":      {"up", "down"},
	"EndpointView.state":  {"up", "down", "unknown", "disabled"},
	"EndpointView.probed": {"up", "down", "unknown"},
	"CheckView.state":     {"up", "down", "unknown"},
	"LastView.result":     {"pass", "fail", "unknown"},
	"Entry.kind": {
		event.EntryCheck, event.EntryEndpoint, event.EntryPool, event.EntryDegraded, event.EntryFrozen, event.EntryOverride,
		event.EntryRelease, event.EntryReload, event.EntryStore, event.EntryPublish,
	},
	"storeView.type":  {"embedded", "etcd"},
	"storeView.state": {"joined", "detached"},
}

// A generator makes schemas of Go types by the rules of encoding/json. The zero value is
// not ready.
type generator struct {
	schemas schema // of structs, by their names
	// requests is set for what clients send: they may leave out every field.
	requests bool
}

func (g *generator) response(v any) schema {
	g.requests = false
	return g.of(reflect.TypeOf(v))
}

func (g *generator) request(v any) schema {
	g.requests = true
	return g.of(reflect.TypeOf(v))
}

func (g *generator) of(t reflect.Type) schema {
	if s, ok := known[t]; ok {
		return s
	}
	switch t.Kind() {
	case reflect.Pointer:
		return nullable(g.of(t.Elem()))
	case reflect.Slice:
		return schema{"type": "array", "items": g.of(t.Elem())}
	case reflect.Bool:
		return schema{"type": "boolean"}
	case reflect.String:
		return schema{"type": "string"}
	case reflect.Float64:
		return schema{"type": "number"}
	case reflect.Struct:
		return g.ofStruct(t)
	}
	return schema{"type": "integer"}
}

// ofStruct returns a reference to the schema of a struct that has a name.
func (g *generator) ofStruct(t reflect.Type) schema {
	name := strings.TrimSuffix(t.Name(), "View")
	if name == "" {
		return g.fields(t)
	}
	name = strings.ToUpper(name[:1]) + name[1:]
	if _, ok := g.schemas[name]; !ok {
		g.schemas[name] = g.fields(t)
	}
	return schema{"$ref": "#/components/schemas/" + name}
}

func (g *generator) fields(t reflect.Type) schema {
	properties, required := schema{}, []string{}
	for _, f := range reflect.VisibleFields(t) {
		name, option, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || name == "-" || !f.IsExported() {
			continue
		}
		s := g.of(f.Type)
		if words := enums[t.Name()+"."+name]; words != nil {
			s = enumOf(words...)
		}
		properties[name] = s
		if option != "omitempty" && !g.requests {
			required = append(required, name)
		}
	}
	return schema{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}

func nullable(s schema) schema {
	return schema{"anyOf": []schema{s, {"type": "null"}}}
}
