package corefile

import (
	"fmt"
	"strings"
	"testing"
)

// record returns a record with a pool of these targets, in four lines.
func record(name, targets string) string {
	return "record " + name + " {\nprimary " + targets + "\ncheck none\n}\n"
}

func TestNamesThatLeadBack(t *testing.T) {
	tests := []struct {
		name    string
		records string
		line    int // of the fault; 0 for none
		record  string
	}{
		{"itself", record("a", "a.example.org"), 3, "a.example.org."},
		{"itself among others", record("a", "192.0.2.1 b.example.net A.Example.ORG."), 3, "a.example.org."},
		{"beside a wildcard, where a zone of the next plugins may have it", record("*.a", "x.a.example.org"), 0, ""},
		{"above its wildcard", record("*.a", "a.example.org"), 0, ""},
		{"below its name", record("a", "b.a.example.org"), 0, ""},
		{"another record", record("a", "b.example.org") + record("b", "192.0.2.1"), 0, ""},
		{"two", record("a", "b.example.org") + record("b", "a.example.org"), 7, "a.example.org."},
		{"three, not from the first", record("z", "a.example.org") + record("a", "b.example.org") +
			record("b", "c.example.org") + record("c", "a.example.org"), 15, "a.example.org."},
		{"two ways to one", record("a", "b.example.org c.example.org") + record("b", "d.example.org") +
			record("c", "d.example.org") + record("d", "192.0.2.1"), 0, ""},
		{"through a wildcard", record("*.a", "b.example.org") + record("b", "x.a.example.org"), 0, ""},
		{"from a wildcard to itself", record("*.a", "b.example.org") + record("b", "b.example.org"), 7, "b.example.org."},
		{"not covered by it", record("*.a", "b.example.org") + record("b", "x.c.a.example.org") + record("c.a", "192.0.2.1"), 0, ""},
		{"an absolute name of another zone", record("a", "a.example.net"), 0, ""},
	}
	for _, test := range tests {
		text := "failover {\n" + test.records + "}"
		_, err := Parse(controller(text))
		if test.line > 0 {
			refused(t, text, err, test.line, "expected a host name that does not lead back to the record "+test.record)
		} else if err != nil {
			t.Errorf("%s: %s\nis refused: %v", test.name, text, err)
		}
	}
	// Blocks of one server block know of each other.
	text := "failover {\n" + record("a", "b.example.org") + "}\nfailover {\n" + record("b", "a.example.org") + "}"
	_, err := Parse(controller(text))
	refused(t, text, err, 9, "lead back to the record a.example.org.")
}

// Very many records that lead to each other are validated at once.
func TestManyNamesThatDoNotLeadBack(t *testing.T) {
	var b strings.Builder
	for i := range 200 {
		b.WriteString(record(fmt.Sprint("r", i), fmt.Sprintf("r%d.example.org r%d.example.org", i+1, i+2)))
	}
	mustParse(t, "failover {\n"+b.String()+"}")
}

func TestAsCNAME(t *testing.T) {
	cname := "primary web.example.net {\nas cname\n}\ncheck none\n}"
	tests := []struct {
		key, text string
		line      int // of the fault; 0 for none
		phrase    string
	}{
		{"example.org", "failover app.example.org {\n" + cname, 0, ""},
		{"example.org", "failover *.example.org {\n" + cname, 0, ""},
		{".", "failover example.org {\nrecord app {\n" + cname + "\n}", 0, ""},
		{"example.org", "failover {\n" + cname, 3, "as cname: expected a record below the apex of its zone, and example.org. is the apex"},
		{"example.org", "failover {\nrecord @ {\n" + cname + "\n}", 4, "example.org. is the apex"},
		{".", "failover app.example.org {\n" + cname, 3, "app.example.org. is the apex"},
		{"example.org", "failover app.example.org {\nprimary 192.0.2.1 {\nas cname\n}\ncheck none\n}", 3,
			"as cname: expected a host name in pool primary, and it has 192.0.2.1"},
		{"example.org", "failover app.example.org {\nprimary next {\nas cname\n}\ncheck none\n}", 3,
			"as cname: expected a host name in pool primary, and it has next"},
		{"example.org", "failover app.example.org {\nprimary web.example.net {\nas cname\npolicy first\n}\ncheck none\n}", 4,
			"policy: expected none beside as cname"},
		{"example.org", "failover app.example.org {\nprimary web.example.net {\npanic 5%\nas cname\n}\ncheck none\n}", 3,
			"panic: expected none beside as cname"},
		{"example.org", "failover app.example.org {\nprimary web.example.net {\nmin_healthy 2\nas cname\n}\ncheck none\n}", 0, ""},
		{"example.org", "failover app.example.org {\nprimary web.example.net {\nas cname\nas cname\n}\ncheck none\n}", 4, "as is given twice"},
	}
	for _, test := range tests {
		c := controller(test.text)
		c.ServerBlockKeys = []string{"dns://" + test.key + ":53"}
		config, err := Parse(c)
		switch {
		case test.line > 0:
			refused(t, test.text, err, test.line, test.phrase)
		case err != nil:
			t.Errorf("%s\nis refused: %v", test.text, err)
		case !config.Records[0].Pools[0].CNAME:
			t.Errorf("%s\nhas no CNAME", test.text)
		}
	}
}
