package test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// A desk is a server with an API, from where an operator steers it.
type desk struct{ *server }

// operated is a Corefile with an API and the records of deskHealth.
const operated = `
	example.org:$dns {
		bind $ip
		failover {
			api $ip:$api
			state $dir/state
		}
		failover {
			check file $dir/health {
				interval 100ms
				fall 2
				rise 2
			}
			record app {
				primary {
					endpoint 192.0.2.10 name web1
					endpoint 192.0.2.11
					endpoint 2001:db8::10
					endpoint 192.0.2.12 disabled
				}
				secondary 198.51.100.10
				RECORD
			}
			record held {
				primary 192.0.2.20
				secondary 198.51.100.20
				failback manual
			}
		}
		MORE
	}
	OTHERS
`

// corefileOf returns the operated Corefile with other texts in place of the words.
func corefileOf(words ...string) string {
	words = append(words, "RECORD", "", "OTHERS", "", "MORE", "")
	return strings.NewReplacer(words...).Replace(operated)
}

// health is what the file of checks says.
func (d desk) health(down ...string) {
	d.Helper()
	text := ""
	for _, addr := range strings.Fields("192.0.2.10 192.0.2.11 2001:db8::10 198.51.100.10 192.0.2.20 198.51.100.20") {
		state := " up\n"
		if strings.Contains(strings.Join(down, " ")+" ", addr+" ") {
			state = " down\n"
		}
		text += addr + state
	}
	d.write("health", text)
}

// startDesk starts a server with all endpoints up, and waits until they are.
func startDesk(t *testing.T, corefile string) desk {
	t.Helper()
	d := desk{prepare(t, nil)}
	d.health()
	d.serve(corefile)
	eventually(t, "all endpoints are up", func() bool {
		_, s := d.do("GET", "/v1/status", "")
		return s["endpoints"].(map[string]any)["unknown"] == 0.0
	})
	return d
}

// do calls the API, and returns what it answers.
func (d desk) do(method, path, body string) (status int, answer map[string]any) {
	d.Helper()
	r, err := http.NewRequestWithContext(d.Context(), method, "http://"+d.addr("api")+path, strings.NewReader(body))
	if err != nil {
		d.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		d.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		d.Fatal(err)
	}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &answer); err != nil {
			d.Fatalf("%s %s: %v: %s", method, path, err, text)
		}
	}
	return resp.StatusCode, answer
}

// set sets an override, such as `"record":"app.example.org","action":"freeze"`, and returns
// its ID.
func (d desk) set(change string) (id string) {
	d.Helper()
	status, a := d.do("POST", "/v1/overrides", `{"force":true,"changes":[{`+change+`,"reason":"a test","author":"jane"}]}`)
	if status != http.StatusOK {
		d.Fatalf("%s: %d %v", change, status, a)
	}
	return a["overrides"].([]any)[0].(map[string]any)["id"].(string)
}

// remove ends an override.
func (d desk) remove(id string) {
	d.Helper()
	if status, a := d.do("DELETE", "/v1/overrides/"+id, ""); status != http.StatusNoContent {
		d.Errorf("DELETE %s: %d %v", id, status, a)
	}
}

// wants checks that the server answers with these addresses, at once.
func (d desk) wants(name, want string) {
	d.Helper()
	if got := short(d.query(name+".example.org", "A")); got != want {
		d.Errorf("%s: %s, want %s", name, got, want)
	}
}

// record returns a record as the API shows it.
func (d desk) record(name string) map[string]any {
	d.Helper()
	status, a := d.do("GET", "/v1/records/"+name+".example.org", "")
	if status != http.StatusOK {
		d.Fatalf("%s: %d %v", name, status, a)
	}
	return a["records"].([]any)[0].(map[string]any)
}

const (
	appPrimary   = "A 192.0.2.10 A 192.0.2.11"
	appSecondary = "A 198.51.100.10"
)

// What each action does is answered to the very next query, and ends with its override.
func TestOverrides(t *testing.T) {
	t.Parallel()
	d := startDesk(t, corefileOf())
	const app = `"record":"App.example.org."`
	for _, tc := range []struct{ change, want string }{
		{app + `,"pool":"primary","endpoint":"web1","action":"down"`, "A 192.0.2.11"},
		{app + `,"pool":"primary","endpoint":"192.0.2.10","action":"drain"`, "A 192.0.2.11"},
		{`"address":"192.0.2.11","action":"down"`, "A 192.0.2.10"},
		{`"address":"192.0.2.99","action":"down"`, appPrimary},
		{app + `,"pool":"primary","action":"down"`, appSecondary},
		{app + `,"pool":"primary","action":"drain"`, appSecondary},
		{app + `,"pool":"secondary","action":"pool"`, appSecondary},
		{app + `,"pool":"secondary","action":"down"`, appPrimary},
		{app + `,"action":"freeze"`, appPrimary},
		{app + `,"server":"` + d.label() + `","pool":"primary","action":"down"`, appSecondary},
	} {
		d.wants("app", appPrimary)
		id := d.set(tc.change)
		d.wants("app", tc.want)
		d.remove(id)
	}
	d.wants("app", appPrimary)

	d.set(app + `,"pool":"primary","action":"down","for":"50ms"`)
	becomes(t, "the answer after an override that has expired", appPrimary, func() string { return d.ask("app.example.org", "A") })
	d.waitFor("override set by loopback jane: pool primary of app.example.org.: down: a test")
	d.waitFor("override ended: pool primary of app.example.org.: no longer down: its time is over")
	if _, a := d.do("GET", "/v1/overrides", ""); len(a["overrides"].([]any)) != 0 {
		t.Errorf("%v is left", a)
	}
	_, a := d.do("GET", "/v1/events?record=app.example.org&limit=4", "")
	var got []string
	for _, e := range a["events"].([]any) {
		e := e.(map[string]any)
		got = append(got, fmt.Sprintf("%s %s %s>%s %s", e["kind"], e["pool"], e["from"], e["to"], e["actor"]))
	}
	want := "[pool secondary primary>secondary  override primary >down loopback jane pool primary secondary>primary  override primary down> ]"
	if fmt.Sprint(got) != want {
		t.Errorf("events are %v, want %s", got, want)
	}
}

// label returns the address of the server as the API has it.
func (d desk) label() string { return "dns://" + d.addr("dns") }

// What is wrong is refused with its field, and changes nothing; nor does a dry run.
func TestOverridesRefused(t *testing.T) {
	t.Parallel()
	d := startDesk(t, corefileOf())
	const app = `"record":"app.example.org","reason":"a test"`
	for _, tc := range []struct {
		change, field string
		status        int
	}{
		{`"record":"app.example.org","action":"freeze"`, "reason", 400},
		{`"record":"app.example.org","action":"freeze","reason":"` + strings.Repeat("a", 201) + `"`, "reason", 400},
		{`"record":"app.example.org","action":"freeze","reason":"a\u001b[2J"`, "reason", 400},
		{`"record":"app.example.org","action":"freeze","reason":"a\u202eb"`, "reason", 400},
		{app + `,"action":"freeze","author":"a\nb"`, "author", 400},
		{app + `,"action":"freeze","for":"25h"`, "for", 400},
		{app + `,"action":"freeze","for":"0"`, "for", 400},
		{app + `,"action":"freeze","for":"-1h"`, "for", 400},
		{app + `,"action":"freeze","for":"1h","forever":true`, "forever", 400},
		{app + `,"action":"up"`, "action", 400},
		{app + `,"action":"pool"`, "pool", 400},
		{app + `,"pool":"primary","action":"freeze"`, "action", 400},
		{app + `,"endpoint":"web1","action":"down"`, "pool", 400},
		{app + `,"address":"192.0.2.10","action":"down"`, "address", 400},
		{`"address":"web1","action":"down","reason":"a test"`, "address", 400},
		{`"action":"down","reason":"a test"`, "record", 400},
		{app + `,"pool":"primary","endpoint":"192.0.2.12","action":"up"`, "action", 400},
		{`"address":"192.0.2.12","action":"up","reason":"a test"`, "action", 400},
		{`"record":"nowhere.example.org","action":"freeze","reason":"a test"`, "record", 404},
		{app + `,"server":"dns://192.0.2.1:53","action":"freeze"`, "record", 404},
		{app + `,"view":"x","action":"freeze"`, "record", 404},
		{app + `,"pool":"far","action":"down"`, "pool", 404},
		{app + `,"pool":"primary","endpoint":"192.0.2.99","action":"down"`, "endpoint", 404},
	} {
		body := `{"changes":[{` + app + `,"pool":"primary","action":"down"},{` + tc.change + `}]}`
		status, a := d.do("POST", "/v1/overrides", body)
		if field := "changes[1]." + tc.field; status != tc.status || a["field"] != field {
			t.Errorf("%s: %d %v, want %d with the field %s", tc.change, status, a, tc.status, field)
		}
	}
	both := `{"changes":[{"address":"198.51.100.10","action":"down","reason":"a test"},{` + app + `,"pool":"primary","action":"down"}]`
	for body, want := range map[string]int{both + "}": 409, both + `,"dry_run":true,"force":true}`: 200} {
		status, a := d.do("POST", "/v1/overrides", body)
		const effect = `[map[after:map[a:[192.0.2.10 192.0.2.11] aaaa:[2001:db8::10] pool:none state:degraded] ` +
			`before:map[a:[192.0.2.10 192.0.2.11] aaaa:[2001:db8::10] pool:primary state:ok] record:app.example.org. server:LABEL view:]]`
		if got := fmt.Sprint(a["effects"]); status != want || got != strings.Replace(effect, "LABEL", d.label(), 1) {
			t.Errorf("%s: %d with the effects %v", body, status, got)
		}
	}
	d.wants("app", appPrimary)
	if _, a := d.do("GET", "/v1/overrides", ""); len(a["overrides"].([]any)) != 0 {
		t.Errorf("%v was set", a)
	}
}

// The operator's word beats probes, which go on and are shown beside it; a pool that was
// left because of it is not held back; a hold can be released.
func TestOverridesBeatProbes(t *testing.T) {
	t.Parallel()
	d := startDesk(t, corefileOf())
	const held = `"record":"held.example.org"`
	id := d.set(held + `,"pool":"primary","action":"down"`)
	d.wants("held", "A 198.51.100.20")
	d.remove(id)
	d.wants("held", "A 192.0.2.20")

	id = d.set(held + `,"pool":"primary","endpoint":"192.0.2.20","action":"up"`)
	d.health("192.0.2.20")
	eventually(t, "the probes say down", func() bool { return d.endpoint("held")["probed"] == "down" })
	if e := d.endpoint("held"); e["state"] != "up" || e["override"] != id || e["served"] != true {
		t.Errorf("the endpoint is %v", e)
	}
	d.wants("held", "A 192.0.2.20")
	if h := d.record("held")["held"]; h != nil {
		t.Errorf("%v is held", h)
	}
	d.remove(id)
	d.wants("held", "A 198.51.100.20")
	if h := fmt.Sprint(d.record("held")["held"]); h != "map[policy:manual pool:primary until:<nil>]" {
		t.Errorf("held is %s", h)
	}
	status, _ := d.do("POST", "/v1/records/app.example.org/release", "")
	if status != http.StatusConflict {
		t.Errorf("a release of nothing: %d", status)
	}
	status, _ = d.do("POST", "/v1/records/Held.example.org/release", "")
	if status != http.StatusOK || d.record("held")["held"] != nil { // before it is healthy again
		t.Errorf("a release: %d", status)
	}
	d.waitFor("released by loopback: pool primary of held.example.org.")
	d.health()
	becomes(t, "the answer after a release", "A 192.0.2.20", func() string { return d.ask("held.example.org", "A") })
}

// endpoint returns the first endpoint of the first pool.
func (d desk) endpoint(name string) map[string]any {
	d.Helper()
	pools := d.record(name)["pools"].([]any)
	return pools[0].(map[string]any)["endpoints"].([]any)[0].(map[string]any)
}

// A freeze holds against probes, other overrides, a reload with other addresses, and a
// restart. Overrides of a record that a reload removes wait for it.
func TestFreeze(t *testing.T) {
	t.Parallel()
	d := startDesk(t, corefileOf())
	d.set(`"record":"app.example.org","action":"freeze","forever":true`)
	d.set(`"record":"held.example.org","pool":"primary","action":"down","forever":true`)
	d.set(`"record":"app.example.org","pool":"primary","action":"down"`)
	d.health("192.0.2.11")
	eventually(t, "an endpoint is down", func() bool {
		_, a := d.do("GET", "/v1/status", "")
		return a["endpoints"].(map[string]any)["down"] != 0.0
	})
	d.wants("app", appPrimary)
	other := strings.NewReplacer("endpoint 192.0.2.11", "endpoint 192.0.2.20", "record held", "record kept").Replace(corefileOf())
	d.reload(other)
	d.wants("app", appPrimary)
	d.wants("kept", "A 192.0.2.20")
	d.reload(strings.Replace(other, "record kept", "record held", 1))
	d.wants("held", "A 198.51.100.20")

	d.stop()
	again := prepare(t, d.vars)
	again.serve(other)
	desk{again}.wants("app", appPrimary)
}

// explained returns what explain says of a query.
func (d desk) explained(name, query string) map[string]any {
	d.Helper()
	status, a := d.do("GET", "/v1/explain?name="+url.QueryEscape(name)+query, "")
	if status != http.StatusOK {
		d.Fatalf("explain %s%s: %d %v", name, query, status, a)
	}
	return a
}

// answers returns the records, the rcode and the Extended DNS Error of a reply, as explain
// has them.
func answers(m *dns.Msg) string {
	text := dns.RcodeToString[m.Rcode]
	for _, r := range m.Answer {
		text += " " + r.String()
	}
	if opt := m.IsEdns0(); opt != nil {
		for _, o := range opt.Option {
			if e, ok := o.(*dns.EDNS0_EDE); ok {
				text += " " + e.ExtraText
			}
		}
	}
	return text
}
