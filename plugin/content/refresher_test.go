package content

import (
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/file"
	"github.com/coredns/coredns/plugin/secondary"
	"github.com/coredns/coredns/plugin/test"
	"github.com/coredns/coredns/plugin/transfer"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck/timer"
	"github.com/coredns-failover/failover/plugin/zone"
)

const soa = "@ SOA ns.example.net. h.example.net. 7 1 1 1 1\n"

func parse(t *testing.T, origin, text string) *file.Zone {
	t.Helper()
	z, err := file.Parse(strings.NewReader("$TTL 60\n"+text), origin, "stdin", -1)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// load replaces the data of a zone, as a reload or a transfer does.
func load(t *testing.T, z *file.Zone, origin, text string) {
	fresh := parse(t, origin, text)
	z.Lock()
	z.Apex, z.Tree = fresh.Apex, fresh.Tree
	z.Unlock()
}

func fileOf(zones map[string]*file.Zone) file.Zones {
	var names []string
	for name := range zones {
		names = append(names, name)
	}
	return file.Zones{Z: zones, Names: names}
}

// A tree has the wildcard *.example.org and the contents that a Refresher publishes.
type tree struct {
	*Refresher
	names     zone.Tree[string]
	published atomic.Int32
}

func newTree(handlers ...plugin.Handler) *tree {
	tr := new(tree)
	tr.names.AddZone("example.org.")
	tr.names.AddRecord("*.example.org.", "example.org.", "wildcard")
	tr.Refresher = New([]string{"*.example.org."}, handlers, func(cs zone.Contents) {
		tr.names.SetContents(cs)
		tr.published.Add(1)
	})
	return tr
}

func (tr *tree) want(t *testing.T, when string, covered map[string]bool) {
	t.Helper()
	for name, want := range covered {
		if got, _ := tr.names.Find(name + ".example.org."); (got != "") != want {
			t.Errorf("%s: %s is covered: %t", when, name, !want)
		}
	}
}

func TestRefresherOfFile(t *testing.T) {
	z := parse(t, "example.org.", soa+"ns A 192.0.2.1\n")
	foreign := parse(t, "example.com.", soa)
	synctest.Test(t, func(t *testing.T) {
		tr := newTree(test.NextHandler(0, nil), file.File{Zones: fileOf(map[string]*file.Zone{
			"example.org.": z, "example.com.": foreign, "kid.example.org.": parse(t, "kid.example.org.", soa),
		})})
		tr.Start(new(timer.Clock), nil)
		defer tr.Stop()
		tr.want(t, "from the start on", map[string]bool{"ns": false, "x": true, "kid": false, "x.kid": false})
		time.Sleep(time.Hour)
		if n := tr.published.Load(); n != 1 {
			t.Errorf("published %d times without a change", n)
		}
		load(t, z, "example.org.", strings.Replace(soa, "7", "8", 1)+"mail A 192.0.2.1\n")
		time.Sleep(time.Second)
		tr.want(t, "after a reload", map[string]bool{"ns": true, "mail": false})
		load(t, z, "example.org.", strings.Replace(soa, "7", "8", 1)+"www A 192.0.2.1\n")
		time.Sleep(time.Second)
		tr.want(t, "after a reload with the same serial", map[string]bool{"mail": true, "www": false})
	})
}

// With serial 0, each transfer is the whole zone.
func TestRefresherOfSerial0(t *testing.T) {
	z := parse(t, "example.org.", strings.Replace(soa, "7", "0", 1)+"ns A 192.0.2.1\n")
	synctest.Test(t, func(t *testing.T) {
		tr := newTree(file.File{Zones: fileOf(map[string]*file.Zone{"example.org.": z})})
		tr.Start(new(timer.Clock), nil)
		defer tr.Stop()
		time.Sleep(time.Hour)
		if n := tr.published.Load(); n != 1 {
			t.Errorf("published %d times without a change", n)
		}
	})
}

func TestRefresherOfSecondary(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := file.NewZone("example.org.", "stdin")
		s := &secondary.Secondary{File: file.File{Zones: fileOf(map[string]*file.Zone{"example.org.": z})}}
		tr := newTree(s)
		tr.Start(new(timer.Clock), nil)
		defer tr.Stop()
		tr.want(t, "before the transfer", map[string]bool{"ns": true})
		load(t, z, "example.org.", soa+"ns A 192.0.2.1\n")
		time.Sleep(2 * loadingInterval)
		tr.want(t, "after the transfer", map[string]bool{"ns": false, "x": true})

		after := newTree(&secondary.Secondary{File: file.File{Zones: fileOf(map[string]*file.Zone{
			"example.org.": file.NewZone("example.org.", "stdin"),
		})}})
		after.Start(new(timer.Clock), tr.Refresher)
		defer after.Stop()
		after.want(t, "after a reload, before the transfer", map[string]bool{"ns": false, "x": true})
	})
}

// A fakeAuto serves a zone that can be added and removed.
type fakeAuto struct {
	plugin.Handler
	zone atomic.Pointer[file.Zone]
}

func (*fakeAuto) Name() string { return "auto" }

func (a *fakeAuto) Names() []string {
	if a.zone.Load() == nil {
		return nil
	}
	return []string{"Example.ORG."}
}

func (a *fakeAuto) Transfer(name string, serial uint32) (<-chan []dns.RR, error) {
	if z := a.zone.Load(); z != nil && name == "Example.ORG." {
		return z.Transfer(serial)
	}
	return nil, transfer.ErrNotAuthoritative
}

func TestRefresherOfAuto(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := new(fakeAuto)
		tr := newTree(a)
		tr.Start(new(timer.Clock), nil)
		defer tr.Stop()
		tr.want(t, "before there is a zone", map[string]bool{"ns": true})
		a.zone.Store(parse(t, "example.org.", soa+"ns A 192.0.2.1\n"))
		time.Sleep(time.Second)
		tr.want(t, "with it", map[string]bool{"ns": false, "x": true})
		a.zone.Store(nil)
		time.Sleep(time.Second)
		tr.want(t, "after it went", map[string]bool{"ns": true})
	})
}

// Without a wildcard or a zone, there is no Refresher.
func TestNoRefresher(t *testing.T) {
	f := file.File{Zones: fileOf(map[string]*file.Zone{"example.org.": parse(t, "example.org.", soa)})}
	for name, got := range map[string]*Refresher{
		"no wildcard": New(nil, []plugin.Handler{f}, nil),
		"no zone":     New([]string{"*.example.org."}, []plugin.Handler{test.NextHandler(0, nil)}, nil),
	} {
		if got != nil {
			t.Errorf("%s: there is one", name)
		}
		got.Start(new(timer.Clock), nil)
		got.Stop()
	}
}

// A poll of a zone that has not changed, however large it is.
func BenchmarkPoll(b *testing.B) {
	var s strings.Builder
	s.WriteString("$TTL 60\n" + soa)
	for i := range 10_000 {
		s.WriteString("a" + strings.Repeat("x", i%20) + string(rune('a'+i%26)) + strings.Repeat("y", i%7) + " A 192.0.2.1\n")
	}
	z, err := file.Parse(strings.NewReader(s.String()), "example.org.", "stdin", -1)
	if err != nil {
		b.Fatal(err)
	}
	f := New([]string{"*.example.org."}, []plugin.Handler{file.File{Zones: fileOf(map[string]*file.Zone{"example.org.": z})}}, func(zone.Contents) {})
	f.refreshLocked(true)
	for b.Loop() {
		f.refreshLocked(false)
	}
}
