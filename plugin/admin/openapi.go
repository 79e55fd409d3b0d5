package admin

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/coredns-failover/failover/plugin/pool"
)

// describe answers with the description of the API.
func describe(c *call) *Problem {
	d := description()
	d["info"].(schema)["version"] = c.backend.Version
	return c.answer(d)
}

// description returns the OpenAPI document of routes. It is made once, but for its top
// levels.
func description() schema {
	paths, schemas := describeRoutes()
	return schema{
		"openapi": "3.1.0",
		"info": schema{
			"title":       "CoreDNS failover",
			"version":     "",
			"description": "See, explain and override what names are answered. Each GET may be a HEAD.",
			"license":     schema{"name": "Apache-2.0", "identifier": "Apache-2.0"},
		},
		"servers":    []schema{{"url": "/"}},
		"paths":      paths,
		"components": schema{"schemas": schemas, "securitySchemes": securitySchemes},
		"security":   []schema{{}, {"token": []string{}}, {"password": []string{}}, {"certificate": []string{}}},
	}
}

var securitySchemes = schema{
	"token":       schema{"type": "http", "scheme": "bearer", "description": "A token of the Corefile"},
	"password":    schema{"type": "http", "scheme": "basic", "description": "A token as the password of any user, for GET alone"},
	"certificate": schema{"type": "mutualTLS", "description": "A certificate that CLIENT_CA has signed"},
}

var describeRoutes = sync.OnceValues(func() (paths, schemas schema) {
	g := generator{schemas: schema{}}
	paths = schema{}
	for i := range routes {
		rt := &routes[i]
		if rt.page {
			continue
		}
		operations, ok := paths[rt.path].(schema)
		if !ok {
			operations = schema{}
			paths[rt.path] = operations
		}
		operations[strings.ToLower(rt.method)] = g.operation(rt)
	}
	return paths, g.schemas
})

func (g *generator) operation(rt *route) schema {
	op := schema{"summary": rt.summary, "operationId": rt.operationID(), "responses": g.responses(rt)}
	if parameters := rt.parameters(); len(parameters) > 0 {
		op["parameters"] = parameters
	}
	if rt.body != nil {
		op["requestBody"] = schema{"content": content("application/json", g.request(rt.body)), "required": false}
	}
	if rt.public {
		op["security"] = []schema{}
	}
	return op
}

// operationID returns such as "postRecordsRelease".
func (rt *route) operationID() string {
	id := strings.ToLower(rt.method)
	for part := range strings.SplitSeq(rt.path, "/") {
		part, _, _ = strings.Cut(part, ".")
		switch {
		case part == "" || part == "v1":
		case part[0] == '{':
			id += "By" + strings.ToUpper(part[1:2]) + part[2:len(part)-1]
		default:
			id += strings.ToUpper(part[:1]) + part[1:]
		}
	}
	return id
}

func (rt *route) parameters() []schema {
	var all []schema
	for part := range strings.SplitSeq(rt.path, "/") {
		if strings.HasPrefix(part, "{") {
			all = append(all, schema{"name": strings.Trim(part, "{}"), "in": "path", "required": true, "schema": schemaOfText})
		}
	}
	for _, p := range rt.query {
		all = append(all, schema{"name": p.name, "in": "query", "description": p.text, "schema": p.schema()})
	}
	return all
}

func (g *generator) responses(rt *route) schema {
	all := schema{}
	if rt.answer == nil {
		all["204"] = schema{"description": http.StatusText(http.StatusNoContent)}
	} else {
		c := content("application/json", g.response(rt.answer))
		if rt.path == "/v1/events" {
			c["text/event-stream"] = schema{"schema": schema{"type": "string"}}
		}
		all["200"] = schema{"description": http.StatusText(http.StatusOK), "content": c}
	}
	for _, status := range rt.failures() {
		all[strconv.Itoa(status)] = schema{
			"description": http.StatusText(status), "content": content("application/problem+json", g.response(Problem{})),
		}
	}
	return all
}

// failures returns the statuses of the errors of a call, with those of every call.
func (rt *route) failures() []int {
	all := []int{http.StatusBadRequest, http.StatusForbidden}
	if !rt.public {
		all = append(all, http.StatusUnauthorized)
	}
	if rt.method == http.MethodPost {
		all = append(all, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	all = append(all, rt.fails...)
	slices.Sort(all)
	return all
}

func content(mediaType string, of schema) schema {
	return schema{mediaType: schema{"schema": of}}
}

var (
	schemaOfText    = schema{"type": "string"}
	schemaOfAddress = schema{"type": "string", "description": "an IP address"}
)

func (p parameter) schema() schema {
	switch p.name {
	case "state":
		return known[reflect.TypeFor[pool.State]()]
	case "limit":
		return schema{"type": "integer", "minimum": 1}
	case "after":
		return schema{"type": "integer", "minimum": 0}
	case "client":
		return schemaOfAddress
	}
	return schemaOfText
}

func enumOf[T ~string](words ...T) schema {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = fmt.Sprint(w)
	}
	return schema{"type": "string", "enum": texts}
}
