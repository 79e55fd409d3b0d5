package test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/miekg/dns"
)

// A neighbourhood is a server with a zone for each neighbour.
type neighbourhood struct {
	statesStory
	tap    *tap
	tapped *atomic.Int64           // how many names were queried for dnstap
	ask    func(*dns.Msg) *dns.Msg // over UDP if it is nil
}

// Every neighbour gives every answer in every state, from the first query after the
// change on. While states change, each answer is that of one state.
func TestNeighbours(t *testing.T) {
	t.Parallel()
	h := &neighbourhood{statesStory: prepareStates(t), tapped: new(atomic.Int64)}
	h.tap = newTap(t, h.vars["dir"]+"/tap")
	corefile, blocks := h.corefile()
	h.serve(corefile)
	h.enters(ok, blocks, blocks*recordsOfStates)
	stop := h.asksAll()
	for i, st := range states {
		h.enters(st, blocks, blocks*recordsOfStates)
		for j := range neighbourTable {
			n := &neighbourTable[j]
			t.Run(fmt.Sprintf("%d %s/%s", i, st.name, n.name), func(t *testing.T) {
				h := &neighbourhood{h.within(t), h.tap, h.tapped, nil}
				h.answers(n, neighbourZone(j), st)
				if n.check != nil {
					n.check(h, neighbourZone(j), st)
				}
			})
		}
	}
	stop()
}

func neighbourZone(i int) string { return fmt.Sprintf("n%d.test.", i) }

// corefile returns the server blocks of all neighbours, and how many there are.
func (h *neighbourhood) corefile() (text string, blocks int) {
	var b strings.Builder
	for i, n := range neighbourTable {
		zone := neighbourZone(i)
		h.write("search."+zone, "search first."+zone+" "+zone+"\n")
		for _, config := range slices.Backward(strings.Split(n.config, "---")) {
			fmt.Fprintf(&b, "%s:$dns {\nbind $ip\n%s\n%s\nfile $zone\n}\n", zone, strings.ReplaceAll(config, "ZONE", zone), h.records(zone))
			blocks++
		}
	}
	return b.String(), blocks
}

// answers checks all queries of a neighbour.
func (h *neighbourhood) answers(n *neighbour, zone string, st state) {
	h.Helper()
	for query, want := range stateQueries {
		if n.edit != nil {
			want = n.edit(query, want)
		}
		h.answersOne(n, zone, query, want, st)
	}
	for query, want := range n.also {
		h.answersOne(n, zone, query, want, st)
	}
}

func (h *neighbourhood) answersOne(n *neighbour, zone, query, want string, st state) {
	h.Helper()
	allowed := []string{words(h.statesStory.in(want, zone, st))}
	if n.keeps && !strings.HasPrefix(want, "V") {
		allowed = h.inAnyState(want, zone)
	}
	m := h.queryIn(zone, query)
	if got := words(short(m)); !slices.Contains(allowed, got) {
		h.Errorf("%s: got %s, want %s", query, got, allowed)
	}
	for _, rr := range m.Answer {
		if ttl := rr.Header().Ttl; strings.HasPrefix(want, "V") && ttl != 7 && n.name != "rewrite of TTLs" {
			h.Errorf("%s: TTL %d", query, ttl)
		}
	}
}

// queryIn sends the query "NAME TYPE", in which ZONE stands for the zone.
func (h *neighbourhood) queryIn(zone, query string) *dns.Msg {
	h.Helper()
	name, qtype, _ := strings.Cut(strings.ReplaceAll(query, "ZONE", zone), " ")
	if h.ask != nil {
		return h.ask(question(name, qtype))
	}
	return h.query(name, qtype)
}

// asksAll queries the records of every neighbour until stop is called. Each answer must be
// that of one state, even while the state changes.
func (h *neighbourhood) asksAll() (stop func()) {
	queries := []string{"app.ZONE A", "app.ZONE AAAA", "x.apps.ZONE A", "gone.ZONE A", "app.ZONE TXT", "www.ZONE A", "none.ZONE A"}
	return always(h.T, func() {
		for i, n := range neighbourTable {
			for _, query := range queries {
				want := stateQueries[query]
				if n.edit != nil {
					want = n.edit(query, want)
				}
				if got := words(short(h.queryIn(neighbourZone(i), query))); !slices.Contains(h.inAnyState(want, neighbourZone(i)), got) {
					h.Errorf("%s: %s: got %s in no state", n.name, query, got)
				}
			}
		}
	})
}

func (h *neighbourhood) inAnyState(want, zone string) (all []string) {
	for _, st := range []state{ok, failedOver, degraded} {
		all = append(all, words(h.statesStory.in(want, zone, st)))
	}
	return all
}

// words returns the words of s in order, because loadbalance shuffles records.
func words(s string) string {
	w := strings.Fields(s)
	slices.Sort(w)
	return strings.Join(w, " ")
}
