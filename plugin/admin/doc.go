// Package admin serves the API, by which people and programs see, explain and override what
// names are answered.
//
// A [Service] has the listeners of the process. The [Lease] of a run of the Corefile keeps
// one open, so that it outlives a reload; the newest says who has access. A request passes
// the guard (Host header, origin, credentials), then its route in the table of routes.go,
// of which openapi.json is made as well.
//
// Who may do nothing keeps nobody out: requests and answers have deadlines, bodies and
// connections have bounds, and beyond these the connection that has waited longest is closed.
package admin
