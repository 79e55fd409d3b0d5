package admin

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/coredns-failover/failover/plugin/override"
)

// A Problem is an error as RFC 9457 has it.
type Problem struct {
	Title   string            `json:"title"`
	Status  int               `json:"status"`
	Detail  string            `json:"detail"`
	Field   string            `json:"field,omitempty"`   // of the request, if one is wrong
	Effects []override.Effect `json:"effects,omitempty"` // of what was refused with 409
}

// problem returns a Problem with the text of the status as its title.
func problem(status int, format string, v ...any) *Problem {
	return &Problem{Title: http.StatusText(status), Status: status, Detail: fmt.Sprintf(format, v...)}
}

// ofField returns a Problem of one field or parameter.
func ofField(field, format string, v ...any) *Problem {
	p := problem(http.StatusBadRequest, format, v...)
	p.Field = field
	return p
}

// problemOf returns what an override.Error means to a client.
func problemOf(err *override.Error) *Problem {
	status := map[override.ErrorKind]int{
		override.Invalid:  http.StatusBadRequest,
		override.NotFound: http.StatusNotFound,
		override.Refused:  http.StatusConflict,
		override.NotSaved: http.StatusServiceUnavailable,
	}[err.Kind]
	p := problem(status, "%s", err.Text)
	p.Field, p.Effects = err.Field, err.Effects
	return p
}

func (p *Problem) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	json.NewEncoder(w).Encode(p)
}
