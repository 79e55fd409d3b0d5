package corefile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestState(t *testing.T) {
	dir := t.TempDir()
	for _, tc := range []struct {
		line   string
		maxAge time.Duration
	}{
		{"state " + dir + "/state", time.Hour},
		{"state " + dir + "/state 90", 90 * time.Second},
		{"state " + dir + "/state 24h", 24 * time.Hour},
		{"state " + dir + "/state 0", 0},
	} {
		got := mustParse(t, "failover {\n"+tc.line+"\n}").Global.State
		if got == nil || got.Path != dir+"/state" || got.MaxAge != tc.maxAge {
			t.Errorf("%s: got %+v", tc.line, got)
			continue
		}
		refused(t, tc.line, got.Refuse(errors.New("no")), 2, "state "+dir+"/state: no")
	}
	if s := mustParse(t, "failover {\nprimary 192.0.2.1\ncheck none\n}").Global.State; s != nil {
		t.Errorf("without one: %+v", s)
	}
}

func TestRefusesState(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "state")
	writeFile(t, file, "{}")
	for line, phrase := range map[string]string{
		"state":                           "state: missing argument, expected state FILE [MAX_AGE]",
		"state " + file + " 1h 2h":        "state: surplus argument",
		"state " + file + " x":            "state x: expected a duration",
		"state " + file + " -1s":          "state -1s: expected a duration",
		"state " + dir:                    "state " + dir + ": expected the name of a file",
		"state /dev/null":                 "state /dev/null: expected the name of a file",
		"state " + dir + "/nosuch/state":  "state " + dir + "/nosuch/state: expected a file in a directory that is there",
		"state " + file + "/state":        "expected a file in a directory that is there",
		"state " + file + " {\n}":         "state: unexpected '{'",
		"state " + file + "\nstate other": "state is given twice",
	} {
		text := "failover {\n" + line + "\n}"
		_, err := Parse(controller(text))
		at := 2
		if strings.Contains(line, "other") {
			at = 3
		}
		refused(t, text, err, at, phrase)
	}
	if _, err := os.Stat(file + ".lock"); err == nil {
		t.Error("reading a Corefile takes the lock")
	}
}

// The file is of the process: one block of one server block has it.
func TestStateIsOfTheProcess(t *testing.T) {
	text := "failover {\nstate " + t.TempDir() + "/state\n}"
	configs, err := blocks(text, "failover {\nprimary 192.0.2.1\ncheck none\n}")
	if err != nil || configs[1].Global.State == nil {
		t.Fatalf("the other server block does not know it: %v", err)
	}
	_, err = blocks(text, text)
	refused(t, text, err, 2, "state is given twice: it stands at Testfile:2 already")
}

const beats = "failover {\nprimary 192.0.2.1\ncheck heartbeat job\n}"

// Heartbeats need the API, wherever in the Corefile it stands.
func TestHeartbeatsNeedAPI(t *testing.T) {
	const api = "failover {\napi 127.0.0.1:8053\n}"
	for _, order := range [][]string{{api, beats}, {beats, api}} {
		configs, err := blocks(order...)
		if err != nil {
			t.Fatal(err)
		}
		if err := configs[0].Global.Validate(); err != nil {
			t.Error(err)
		}
	}
	for _, text := range []string{
		beats,
		"failover {\nrecord a {\ncheck heartbeat job\nprimary 192.0.2.1\n}\n}",
		"failover {\ncheck none\nprimary 192.0.2.1 {\ncheck heartbeat job\n}\n}",
		"failover {\nwitness 192.0.2.1 {\ncheck heartbeat job\n}\n}",
		"failover {\nrecord a {\nprimary 192.0.2.1 {\ncheck heartbeat job\n}\n}\n}",
	} {
		line := 1 + strings.Count(text[:strings.Index(text, "check heartbeat")], "\n")
		refused(t, text, mustParse(t, text).Global.Validate(), line, "check heartbeat job: expected the property api")
	}
}

// The heartbeats of all server blocks are known by their names, each once.
func TestHeartbeatNames(t *testing.T) {
	configs, err := blocks(beats, beats, "failover {\ncheck heartbeat a\nrecord b {\nprimary 192.0.2.2\n}\nrecord c {\nprimary 192.0.2.3\ncheck heartbeat B\n}\n}")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(configs[0].Global.Heartbeats(), " "); got != "B a job" {
		t.Errorf("got %s", got)
	}
}
