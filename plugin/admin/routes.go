package admin

import (
	"net/http"

	"github.com/coredns-failover/failover/plugin/override"
)

const healthPath = "/v1/health"

// To add a call: add its route here and the function that serves it in a file of its own,
// then the row in README.md. What it reads and answers is described by the types of body
// and answer, with the words of enums in schema.go.

// routes is the API. openapi.json is made of it.
var routes []route

func init() {
	routes = []route{
		{method: "GET", path: "/openapi.json", summary: "This description", answer: schema{}, roles: readers, serve: describe},
		{method: "GET", path: "/{$}", summary: "The page", roles: readers, serve: showPage, page: true,
			query: []parameter{{"state", "ok, failed_over or degraded"}, {"q", "part of the names of records"}, {"page", "of the records"}}},
		{method: "GET", path: "/page.css", summary: "A file of the page", roles: readers, serve: pageFile("page.css", "text/css; charset=utf-8"), page: true},
		{method: "GET", path: "/page.js", summary: "A file of the page", roles: readers, serve: pageFile("page.js", "text/javascript; charset=utf-8"), page: true},
		{method: "GET", path: "/page.svg", summary: "A file of the page", roles: readers, serve: pageFile("page.svg", "image/svg+xml"), page: true},
		{method: "GET", path: healthPath, summary: "Whether the process lives", answer: healthView{}, public: true, serve: health},
		{method: "GET", path: "/v1/status", summary: "This server in figures", answer: statusView{}, roles: readers, serve: status},
		{method: "GET", path: "/v1/records", summary: "The records", answer: RecordList{}, roles: readers, serve: listRecords,
			query: []parameter{{"state", "in this state alone"}, {"zone", "in this zone alone"}}},
		{method: "GET", path: "/v1/records/{name}", summary: "The records of a name, one per server block and view", answer: RecordList{},
			roles: readers, fails: []int{http.StatusNotFound}, serve: getRecord},
		{method: "POST", path: "/v1/records/{name}/release", summary: "End what holds a pool back", body: struct{}{}, answer: RecordList{},
			roles: writers, fails: []int{http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable}, serve: release},
		{method: "GET", path: "/v1/events", summary: "What has happened; as server-sent events what happens", answer: EventList{},
			roles: readers, serve: listEvents, query: []parameter{
				{"record", "of this record alone"}, {"limit", "at most so many"},
				{"after", "with a higher id alone, the oldest first"},
			}},
		{method: "GET", path: "/v1/explain", summary: "What a query is answered, and why", answer: Explanation{},
			roles: readers, fails: []int{http.StatusNotFound}, serve: explain, query: []parameter{
				{"name", "of the query"}, {"type", "of the query, A if it is left out"},
				{"client", "the address that asks, else that of the caller"},
				{"server", "the address that is asked"}, {"view", "that answers"},
			}},
		{method: "GET", path: "/v1/overrides", summary: "The overrides", answer: OverrideList{}, roles: readers, serve: listOverrides},
		{method: "POST", path: "/v1/overrides", summary: "Set overrides, all or none", body: override.Request{}, answer: override.Answer{},
			roles: writers, fails: []int{http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable}, serve: setOverrides},
		{method: "DELETE", path: "/v1/overrides/{id}", summary: "End an override",
			roles: writers, fails: []int{http.StatusNotFound, http.StatusServiceUnavailable}, serve: removeOverride},
		{method: "POST", path: "/v1/heartbeats/{name}", summary: "A beat", body: BeatBody{}, roles: beaters,
			fails: []int{http.StatusNotFound}, serve: beat},
	}
}

// A healthView says that the process lives.
type healthView struct {
	Status string `json:"status"` // ok
}

// A RecordList is records.
type RecordList struct {
	Records []RecordView `json:"records"`
}
