package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A document is openapi.json as a client reads it.
type document struct {
	Paths      map[string]map[string]operation
	Components struct{ Schemas map[string]any }
}

type operation struct {
	Parameters []struct{ Name, In string }
	Body       struct{ Content map[string]media } `json:"requestBody"`
	Responses  map[string]struct{ Content map[string]media }
}

type media struct{ Schema any }

// check returns how a value differs from a schema. It knows what the generator uses, and
// fails for anything else.
func (d *document) check(s, v any, at string) error {
	text, _ := v.(string)
	list, _ := v.([]any)
	for key, want := range s.(map[string]any) {
		var err error
		switch key {
		case "$ref":
			err = d.check(d.Components.Schemas[strings.TrimPrefix(want.(string), "#/components/schemas/")], v, at)
		case "anyOf":
			if !slices.ContainsFunc(want.([]any), func(s any) bool { return d.check(s, v, at) == nil }) {
				err = fmt.Errorf("%s: %v is none of %v", at, v, want)
			}
		case "type":
			err = checkType(want.(string), v, at)
		case "enum":
			if !slices.Contains(want.([]any), v) {
				err = fmt.Errorf("%s: %v is not in %v", at, v, want)
			}
		case "format":
			_, err = time.Parse(time.RFC3339Nano, text)
			if err == nil && !strings.HasSuffix(text, "Z") {
				err = fmt.Errorf("%s: %s is not in UTC", at, v)
			}
		case "description":
			if want == schemaOfAddress["description"] {
				_, err = netip.ParseAddr(text)
			}
		case "items":
			for i, item := range list {
				err = errors.Join(err, d.check(want, item, fmt.Sprintf("%s[%d]", at, i)))
			}
		case "properties", "required", "additionalProperties":
			err = d.checkObject(s.(map[string]any), v, at)
		default:
			err = fmt.Errorf("%s: the schema has %s", at, key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *document) checkObject(s map[string]any, v any, at string) error {
	object, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("%s: %v is no object", at, v)
	}
	properties := s["properties"].(map[string]any)
	for name, value := range object {
		if properties[name] == nil {
			return fmt.Errorf("%s: %s is not described", at, name)
		}
		if err := d.check(properties[name], value, at+"."+name); err != nil {
			return err
		}
	}
	for _, name := range s["required"].([]any) {
		if _, ok := object[name.(string)]; !ok {
			return fmt.Errorf("%s: %s is missing", at, name)
		}
	}
	return nil
}

func checkType(want string, v any, at string) error {
	got := "null"
	switch v := v.(type) {
	case bool:
		got = "boolean"
	case string:
		got = "string"
	case []any:
		got = "array"
	case map[string]any:
		got = "object"
	case float64:
		got = "number"
		if v == float64(int64(v)) && want == "integer" {
			got = "integer"
		}
	}
	if got != want {
		return fmt.Errorf("%s: %v is %s, want %s", at, v, got, want)
	}
	return nil
}

// checkAnswer checks that the answer to a request is as described, and returns its status.
func (d *document) checkAnswer(c *client, request string, op operation) (status string) {
	c.Helper()
	resp, body := c.call(request)
	status = strconv.Itoa(resp.StatusCode)
	described, ok := op.Responses[status]
	if !ok {
		c.Errorf("%s: %s is not described: %s", request, status, body)
	}
	if status == "204" {
		return status
	}
	schema, ok := described.Content[resp.Header.Get("Content-Type")]
	var v any
	if err := json.Unmarshal([]byte(body), &v); !ok || err != nil {
		c.Errorf("%s: %s of type %q: %v", request, status, resp.Header.Get("Content-Type"), err)
	} else if err := d.check(schema.Schema, v, "$"); err != nil {
		c.Errorf("%s: %s: %v", request, body, err)
	}
	return status
}

// answers are requests that bring about every answer that is described, by operation.
var answers = map[string][]string{
	"get /openapi.json":          {"GET /openapi.json", "GET /openapi.json?x=1"},
	"get /v1/health":             {"GET /v1/health", "GET /v1/health?x=1"},
	"get /v1/status":             {"GET /v1/status", "GET /v1/status?x=1"},
	"get /v1/records":            {"GET /v1/records", "GET /v1/records?state=failed_over", "GET /v1/records?state=x"},
	"get /v1/records/{name}":     {"GET /v1/records/app.example.org", "GET /v1/records/no", "GET /v1/records/app.example.org?x=1"},
	"get /v1/events":             {"GET /v1/events", "GET /v1/events?limit=x"},
	"get /v1/explain":            {"GET /v1/explain?name=app.example.org", "GET /v1/explain?name=no.example.org", "GET /v1/explain"},
	"get /v1/overrides":          {"GET /v1/overrides", "GET /v1/overrides?x=1"},
	"delete /v1/overrides/{id}":  {"DELETE /v1/overrides/no", "DELETE /v1/overrides/no?x=1", "DELETE /v1/overrides/ID", "unsaved DELETE /v1/overrides/ID"},
	"post /v1/heartbeats/{name}": {"POST /v1/heartbeats/nightly {}", "POST /v1/heartbeats/no", "POST /v1/heartbeats/nightly x", "large POST /v1/heartbeats/nightly", "plain POST /v1/heartbeats/nightly"},
	"post /v1/records/{name}/release": {"POST /v1/records/app.example.org/release", "POST /v1/records/app.example.org/release", "POST /v1/records/no/release",
		"POST /v1/records/no/release x", "large POST /v1/records/no/release", "plain POST /v1/records/no/release", "unsaved POST /v1/records/app.example.org/release"},
	"post /v1/overrides": {
		`POST /v1/overrides {"changes":[{"record":"app.example.org","pool":"primary","endpoint":"192.0.2.1","action":"down","reason":"r","author":"ann","forever":true}]}`,
		`POST /v1/overrides {"changes":[{"record":"app.example.org","pool":"primary","endpoint":"192.0.2.1","action":"down","reason":"r"},` +
			`{"address":"192.0.2.1","action":"down","reason":"r","for":"1h"}],"dry_run":true}`,
		`POST /v1/overrides {"changes":[{"record":"no","action":"freeze","reason":"r"}]}`, "POST /v1/overrides x", "large POST /v1/overrides", "plain POST /v1/overrides",
		`unsaved POST /v1/overrides {"changes":[{"address":"192.0.2.7","action":"down","reason":"r"}]}`,
	},
}

// The description and the handlers agree: every answer is as described, and every answer
// that is described is given.
func TestOpenAPI(t *testing.T) {
	b := newBackend(t, "app.example.org.", "*.apps.example.org.")
	tell(b, "app.example.org.", 3)
	var saving error
	b.Overrides.SaveWith(func() error { return saving })
	release := b.Release
	b.Release = func(records []Record, actor string) (bool, error) {
		if saving != nil {
			return false, saving
		}
		return release(records, actor)
	}
	c := serve(t, b, local(t, Token{"w0rd", RoleWrite, ""}, Token{"b3at", RoleHeartbeat, "weekly"})).token("w0rd")
	var d document
	if err := json.Unmarshal([]byte(c.wants("GET /openapi.json", 200, `"openapi":"3.1.0"`)), &d); err != nil {
		t.Fatal(err)
	}
	operations := map[string]bool{}
	for path, methods := range d.Paths {
		for method, op := range methods {
			name := method + " " + path
			operations[name] = true
			given := map[string]bool{}
			try := func(c *client, request string) {
				t.Helper()
				given[d.checkAnswer(c, request, op)] = true
			}
			for _, request := range answers[name] {
				b.Records()[0].(*record).held = map[bool][]string{true: {"primary"}}[len(given) == 0 || strings.HasPrefix(request, "unsaved")]
				try(prepare(c, b, &saving, &request), request)
				saving = nil
			}
			request := answers[name][0]
			try(c.with("Host: evil.example"), request)
			if path != "/v1/health" {
				try(c.token("wrong"), request)
				try(c.token("b3at"), request)
			}
			if got, want := slices.Sorted(maps.Keys(given)), slices.Sorted(maps.Keys(op.Responses)); !slices.Equal(got, want) {
				t.Errorf("%s: got %q, described are %q", name, got, want)
			}
		}
	}
	if got, want := slices.Sorted(maps.Keys(operations)), slices.Sorted(maps.Keys(answers)); !slices.Equal(got, want) {
		t.Errorf("described are %q, want %q", got, want)
	}
	for path, methods := range d.Paths {
		for _, method := range []string{"get", "post", "put", "patch", "delete"} {
			if _, ok := methods[method]; !ok {
				c.wants(strings.ToUpper(method)+" "+strings.NewReplacer("{", "", "}", "").Replace(path), http.StatusMethodNotAllowed, "")
			}
		}
	}
}

// prepare brings about what the first word of a request says, and removes it.
func prepare(c *client, b *Backend, saving *error, request *string) *client {
	word, rest, _ := strings.Cut(*request, " ")
	switch word {
	case "large":
		*request = rest + " " + strings.Repeat("x", 65<<10)
	case "plain":
		*request, c = rest, c.with("Content-Type: text/plain")
	case "unsaved":
		*request, *saving = rest, errors.New("the disk is full")
	}
	if strings.HasSuffix(*request, "/ID") {
		s := *saving
		*saving = nil
		c.wants(writeIt, 200, "")
		*request, *saving = strings.TrimSuffix(*request, "ID")+b.Overrides.List()[0].ID, s
	}
	return c
}

// What a request takes is described: each field that a body may have, each parameter.
func TestOpenAPIDescribesRequests(t *testing.T) {
	c := serve(t, newBackend(t), local(t))
	var d document
	if err := json.Unmarshal([]byte(c.wants("GET /openapi.json", 200, "")), &d); err != nil {
		t.Fatal(err)
	}
	body := d.Paths["/v1/overrides"]["post"].Body.Content["application/json"].Schema
	var v any
	text := `{"changes":[{"record":"a","pool":"p","endpoint":"e","address":"192.0.2.1","server":"s","view":"v","action":"down","reason":"r","author":"a","for":"1h","forever":false}],"dry_run":true,"force":false}`
	if err := errors.Join(json.Unmarshal([]byte(text), &v), d.check(body, v, "$")); err != nil {
		t.Error(err)
	}
	for _, wrong := range []string{`{"change":[]}`, `{"changes":[{"why":"x"}]}`, `{"changes":{}}`, `{"changes":[{"action":"no"}]}`} {
		json.Unmarshal([]byte(wrong), &v)
		if d.check(body, v, "$") == nil {
			t.Errorf("%s is as described", wrong)
		}
	}
	names := map[string]string{}
	for path, methods := range d.Paths {
		for method, op := range methods {
			for _, p := range op.Parameters {
				names[method+" "+path] += p.In + " " + p.Name + ";"
			}
		}
	}
	for op, want := range map[string]string{
		"get /v1/records": "query state;query zone;", "get /v1/events": "query record;query limit;query after;",
		"get /v1/explain":                 "query name;query type;query client;query server;query view;",
		"post /v1/records/{name}/release": "path name;", "delete /v1/overrides/{id}": "path id;", "get /v1/status": "",
	} {
		if names[op] != want {
			t.Errorf("%s has %q, want %q", op, names[op], want)
		}
	}
}
