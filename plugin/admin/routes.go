package admin

import (
	"errors"

	"github.com/coredns-failover/failover/plugin/override"
)

const (
	healthPath    = "/v1/health"
	heartbeatPath = "/v1/heartbeats/"
)

// routes is the API. openapi.json is made of it.
var routes []route

func init() {
	name := parameter{"record", "of this record alone"}
	routes = []route{
		{method: "GET", path: "/{$}", summary: "The page", roles: readers, serve: showPage, page: true,
			query: []parameter{{"state", "ok, failed_over or degraded"}, {"q", "part of the names of records"}, {"page", "of the records"}}},
		{method: "GET", path: "/page.css", summary: "A file of the page", roles: readers, serve: pageFile("page.css", "text/css; charset=utf-8"), page: true},
		{method: "GET", path: "/page.js", summary: "A file of the page", roles: readers, serve: pageFile("page.js", "text/javascript; charset=utf-8"), page: true},
		{method: "GET", path: "/page.svg", summary: "A file of the page", roles: readers, serve: pageFile("page.svg", "image/svg+xml"), page: true},
		{method: "GET", path: healthPath, summary: "Whether the process lives", answer: HealthView{}, public: true, serve: health},
		{method: "GET", path: "/v1/status", summary: "This server in figures", answer: StatusView{}, roles: readers, serve: status},
		{method: "GET", path: "/v1/records", summary: "The records", answer: RecordList{}, roles: readers, serve: listRecords,
			query: []parameter{{"state", "ok, failed_over or degraded"}, {"zone", "in this zone alone"}}},
		{method: "GET", path: "/v1/records/{name}", summary: "The records of a name, one per server block and view", answer: RecordList{}, roles: readers, serve: getRecord},
		{method: "POST", path: "/v1/records/{name}/release", summary: "End what holds a pool back", body: struct{}{}, answer: RecordList{}, roles: writers, serve: release},
		{method: "GET", path: "/v1/events", summary: "What has happened, or with Accept: text/event-stream what happens", answer: EventList{}, roles: readers, serve: listEvents,
			query: []parameter{name, {"limit", "at most so many"}, {"after", "with a higher id alone, the oldest first"}}},
		{method: "GET", path: "/v1/explain", summary: "What a query is answered, and why", answer: Explanation{}, roles: readers, serve: explain,
			query: []parameter{{"name", "of the query"}, {"type", "of the query, A if it is left out"}, {"client", "the address that asks, else that of the caller"},
				{"server", "the address that is asked"}, {"view", "that answers"}}},
		{method: "GET", path: "/v1/overrides", summary: "The operator's word", answer: OverrideList{}, roles: readers, serve: listOverrides},
		{method: "POST", path: "/v1/overrides", summary: "Set overrides, all or none", body: override.Request{}, answer: override.Answer{}, roles: writers, serve: setOverrides},
		{method: "DELETE", path: "/v1/overrides/{id}", summary: "End an override", roles: writers, serve: removeOverride},
		{method: "POST", path: heartbeatPath + "{name}", summary: "A beat", body: BeatBody{}, roles: beaters, serve: beat},
	}
}

// A HealthView says that the process lives.
type HealthView struct {
	Status string `json:"status"` // ok
}

// A RecordList is records.
type RecordList struct {
	Records []RecordView `json:"records"`
}

var errBeat = errors.New("the heartbeat says that it is not well")

// failure returns why a beat is a failed one, or nil.
func (b *BeatBody) failure() error {
	switch {
	case b.OK == nil || *b.OK:
		return nil
	case b.Reason == "":
		return errBeat
	}
	return errors.New(b.Reason)
}
