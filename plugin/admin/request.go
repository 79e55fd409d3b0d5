package admin

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
)

// read reads the query and the body of a request. It refuses parameters that there are none
// of, and a POST that a form of somebody else's page could send.
func (c *call) read(rt *route) *Problem {
	query, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return problem(http.StatusBadRequest, "the query is malformed: %v", err)
	}
	for name, values := range query {
		if !slices.ContainsFunc(rt.query, func(p parameter) bool { return p.name == name }) {
			return ofField(name, "there is no such parameter")
		}
		if len(values) > 1 {
			return ofField(name, "expected once")
		}
	}
	if c.r.Method != http.MethodPost {
		return nil
	}
	if t, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type")); err != nil || t != "application/json" {
		return problem(http.StatusUnsupportedMediaType, "expected Content-Type: application/json")
	}
	return c.readBody()
}

func (c *call) readBody() *Problem {
	text, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return problem(http.StatusRequestEntityTooLarge, "expected a body of 64 KiB at most")
	}
	if err != nil {
		c.w.Header().Set("Connection", "close")
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return problem(http.StatusBadRequest, "the body did not come within %s", requestWait)
		}
		return problem(http.StatusBadRequest, "the body is malformed, or ended early")
	}
	c.body = bytes.TrimSpace(text)
	return nil
}

// decode puts the body into v, which is a struct. An empty one counts as {}.
func (c *call) decode(v any) *Problem {
	if len(c.body) == 0 {
		return nil
	}
	if c.body[0] != '{' { // null would do as well
		return problem(http.StatusBadRequest, "expected a JSON object")
	}
	d := json.NewDecoder(bytes.NewReader(c.body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return problemOfJSON(err)
	}
	if _, err := d.Token(); err != io.EOF {
		return problem(http.StatusBadRequest, "expected one JSON object, and more follows")
	}
	return nil
}

// problemOfJSON names the field that is wrong, if one is.
func problemOfJSON(err error) *Problem {
	if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
		return ofField(wrong.Field, "expected %s, and it is %s", jsonWord(wrong.Type), "a JSON "+wrong.Value)
	}
	if _, name, ok := strings.Cut(err.Error(), "json: unknown field "); ok {
		return ofField(strings.Trim(name, `"`), "there is no such field")
	}
	return problem(http.StatusBadRequest, "the body is not JSON: %v", err)
}

// jsonWord returns what JSON calls a type.
func jsonWord(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return jsonWord(t.Elem())
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a string"
	case reflect.Slice:
		return "an array"
	case reflect.Struct, reflect.Map:
		return "an object"
	}
	return "a number"
}
