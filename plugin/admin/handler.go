package admin

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A route is one call of the API. It is described once, here: the handlers, the errors
// 404 and 405, and openapi.json follow from the table.
type route struct {
	method  string
	path    string // as http.ServeMux has it
	summary string
	query   []parameter
	body    any    // an example of the type that is read, or nil
	answer  any    // the same of what is answered with 200, or nil for 204
	public  bool   // it needs no credentials
	page    bool   // it is for people, and not in openapi.json
	roles   []Role // who may call it
	serve   func(*call) *Problem
}

// A parameter is one of the query.
type parameter struct{ name, text string }

// A call is one request while it is served.
type call struct {
	*Service
	w      http.ResponseWriter
	r      *http.Request
	caller caller
}

var (
	readers = []Role{RoleRead, RoleWrite}
	writers = []Role{RoleWrite}
	beaters = []Role{RoleWrite, RoleHeartbeat}
)

// answerWait bounds how long a client may take to read an answer.
const answerWait = time.Minute

// handler returns what serves a listener. now returns who has access.
func (s *Service) handler(now func() *access) http.Handler {
	mux := http.NewServeMux()
	methods := make(map[string][]string)
	for _, rt := range routes {
		mux.Handle(rt.method+" "+rt.path, s.serveRoute(rt, now))
		methods[rt.path] = append(methods[rt.path], rt.method)
	}
	for path, allowed := range methods {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Allow", strings.Join(allowed, ", "))
			problem(http.StatusMethodNotAllowed, "expected %s", strings.Join(allowed, " or ")).write(w)
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		problem(http.StatusNotFound, "there is nothing here; /openapi.json describes what there is").write(w)
	})
	return guarded(mux, now)
}

// guarded lets nobody in who has no credentials, or whom the page of somebody else sends.
func guarded(next http.Handler, now func() *access) http.Handler {
	sameOrigin := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := now()
		http.NewResponseController(w).SetWriteDeadline(time.Now().Add(answerWait))
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		switch {
		case !a.hostAllowed(r):
			problem(http.StatusForbidden, "the Host header is not an IP address, localhost or a name of the certificate").write(w)
		case sameOrigin.Check(r) != nil:
			problem(http.StatusForbidden, "the request comes from a page of somebody else").write(w)
		case r.URL.Path != healthPath && a.callerOf(r) == nil:
			w.Header().Set("WWW-Authenticate", `Basic realm="failover", charset="UTF-8"`)
			w.Header().Add("WWW-Authenticate", "Bearer")
			problem(http.StatusUnauthorized, "expected a token or a client certificate").write(w)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func (s *Service) serveRoute(rt route, now func() *access) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{Service: s, w: w, r: r}
		if who := now().callerOf(r); who != nil {
			c.caller = *who
		}
		p := c.allowed(rt)
		if p == nil {
			p = c.readable(rt)
		}
		if p == nil {
			p = rt.serve(c)
		}
		if p != nil {
			p.write(w)
		}
	})
}

func (c *call) allowed(rt route) *Problem {
	switch {
	case rt.public:
		return nil
	case !slices.Contains(rt.roles, c.caller.role),
		c.caller.role == RoleHeartbeat && c.r.PathValue("name") != c.caller.heartbeat:
		return problem(http.StatusForbidden, "the credentials do not allow this")
	}
	return nil
}

// readable refuses parameters that there are none of, and a POST that a form of somebody
// else's page could send.
func (c *call) readable(rt route) *Problem {
	for name, values := range c.r.URL.Query() {
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
	return nil
}

// decode reads the body into v. An empty one counts as {}.
func (c *call) decode(v any) *Problem {
	text, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return problem(http.StatusRequestEntityTooLarge, "expected a body of 64 KiB at most")
	}
	if err != nil {
		return problem(http.StatusBadRequest, "the body did not come: %v", err)
	}
	if len(strings.TrimSpace(string(text))) == 0 {
		return nil
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return problemOfJSON(err)
	}
	if _, err := d.Token(); err != io.EOF {
		return problem(http.StatusBadRequest, "expected one JSON value")
	}
	return nil
}

// problemOfJSON names the field that is wrong, if one is.
func problemOfJSON(err error) *Problem {
	p := problem(http.StatusBadRequest, "%v", err)
	if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
		p.Field, p.Detail = wrong.Field, "expected "+wrong.Type.String()+", and it is a "+wrong.Value
	}
	if _, name, ok := strings.Cut(err.Error(), "json: unknown field "); ok {
		p.Field, p.Detail = strings.Trim(name, `"`), "there is no such field"
	}
	return p
}

// answer writes v as JSON.
func (c *call) answer(v any) *Problem {
	c.w.Header().Set("Content-Type", "application/json")
	e := json.NewEncoder(c.w)
	e.SetEscapeHTML(true)
	e.Encode(v)
	return nil
}

// name returns a NAME of a path, as records have it.
func (c *call) name() string { return absolute(c.r.PathValue("name")) }
