package admin

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/event"
)

// An EventList is what has happened, the newest last.
type EventList struct {
	Events []event.Entry `json:"events"`
}

// listEvents answers with what has happened, or goes on telling what happens.
func listEvents(c *call) *Problem {
	q, p := c.eventQuery()
	if p != nil {
		return p
	}
	if wantsStream(c.r) {
		return c.streamEvents(q)
	}
	return c.answer(EventList{c.backend.Journal.Entries(q)})
}

func (c *call) eventQuery() (q event.Query, p *Problem) {
	get := c.r.URL.Query()
	if name := get.Get("record"); name != "" {
		if _, ok := dns.IsDomainName(name); !ok {
			return q, ofField("record", "expected a name")
		}
		q.Record = absolute(name)
	}
	var err error
	if s := get.Get("limit"); s != "" {
		if q.Limit, err = strconv.Atoi(s); err != nil || q.Limit < 1 {
			return q, ofField("limit", "expected a number from 1 on")
		}
	}
	if s := get.Get("after"); s != "" {
		if q.After, err = strconv.ParseUint(s, 10, 64); err != nil {
			return q, ofField("after", "expected the id of an event")
		}
		q.HasAfter = true
	}
	return q, nil
}

// wantsStream reports whether the client takes server-sent events.
func wantsStream(r *http.Request) bool {
	for accepted := range strings.SplitSeq(r.Header.Get("Accept"), ",") {
		if t, _, err := mime.ParseMediaType(strings.TrimSpace(accepted)); err == nil && t == "text/event-stream" {
			return true
		}
	}
	return false
}
