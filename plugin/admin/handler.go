package admin

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// A route is one call of the API. It is described once, here: the handlers, the errors
// 404 and 405, and openapi.json follow from the table.
type route struct {
	method  string // GET is for HEAD as well
	path    string // as http.ServeMux has it
	summary string
	query   []parameter
	body    any    // an example of the type that is read, or nil
	answer  any    // the same of what is answered with 200, or nil for 204
	fails   []int  // its own errors, besides those of every call
	public  bool   // it needs no credentials
	page    bool   // it is for people, and not in openapi.json
	roles   []Role // who may call it
	serve   func(*call) *Problem
}

// A parameter is one of the query.
type parameter struct{ name, text string }

var (
	readers = []Role{RoleRead, RoleWrite}
	writers = []Role{RoleWrite}
	beaters = []Role{RoleWrite, RoleHeartbeat}
)

// A call is one request while it is served.
type call struct {
	*Service
	w      http.ResponseWriter
	r      *http.Request
	caller caller
	access func() *access // as the newest Config has it
	body   []byte         // of a POST
}

// answerWait bounds how long a client may take to read an answer.
const answerWait = time.Minute

// handler returns what serves a listener.
func (s *Service) handler(l *listener) http.Handler {
	mux := http.NewServeMux()
	methods := make(map[string][]string)
	for i := range routes {
		rt := &routes[i]
		mux.Handle(rt.method+" "+rt.path, s.serveRoute(rt, l))
		methods[rt.path] = append(methods[rt.path], rt.method)
		if rt.method == http.MethodGet {
			methods[rt.path] = append(methods[rt.path], http.MethodHead)
		}
	}
	for path, allowed := range methods {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Allow", strings.Join(allowed, ", "))
			problem(http.StatusMethodNotAllowed, "expected %s", strings.Join(allowed, " or ")).write(w)
		})
	}
	mux.HandleFunc("/", notFound)
	return s.guarded(mux, l.current.Load)
}

func (s *Service) serveRoute(rt *route, l *listener) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{Service: s, w: w, r: r, access: l.current.Load}
		if who, _ := r.Context().Value(callerKey{}).(*caller); who != nil {
			c.caller = *who
		}
		p := c.allowed(rt)
		if p == nil {
			p = c.read(rt)
		}
		if p == nil {
			l.conns.serves(r.Context())
			p = rt.serve(c)
		}
		if p != nil {
			p.write(w)
		}
	})
}

func (c *call) allowed(rt *route) *Problem {
	if rt.public || c.caller.may(rt, c.r.PathValue("name")) {
		return nil
	}
	return problem(http.StatusForbidden, "the credentials do not allow this")
}

// answer writes v as JSON.
func (c *call) answer(v any) *Problem {
	c.w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(c.w).Encode(v)
	return nil
}

// name returns a NAME of a path, as records have it.
func (c *call) name() string { return absolute(c.r.PathValue("name")) }
