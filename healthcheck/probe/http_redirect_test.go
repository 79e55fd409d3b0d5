package probe

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/internal/dial"
	"github.com/coredns-failover/failover/test/kit"
)

// A world is a network of names and addresses in front of one server, which
// notes who was asked for what, and answers /N with a redirect to locations[N].
type world struct {
	asked     []string
	locations []string
	status    int
	sockets   *httptest.Server
}

func newWorld(t testing.TB, locations ...string) *world {
	w := &world{locations: locations, status: http.StatusFound}
	w.sockets = httptest.NewServer(w)
	t.Cleanup(w.sockets.Close)
	return w
}

func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	carries := ""
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		if strings.Contains(strings.Join(r.Header[name], ""), "s3cret") {
			carries += " " + name
		}
	}
	w.asked[len(w.asked)-1] += fmt.Sprintf(" %s %s %s%s", r.Method, r.Host, r.RequestURI, carries)
	var n int
	if _, err := fmt.Sscanf(r.URL.Path, "/%d", &n); err == nil && n < len(w.locations) {
		rw.Header().Set("Location", w.locations[n])
		rw.WriteHeader(w.status)
	}
}

func (w *world) dial(ctx context.Context, network, address string) (net.Conn, error) {
	w.asked = append(w.asked, address)
	if strings.HasPrefix(address, "nowhere") {
		return nil, &net.DNSError{Name: "nowhere.test", IsNotFound: true}
	}
	return dial.Dial(ctx, network, w.sockets.Listener.Addr().String())
}

func TestRedirects(t *testing.T) {
	const secrets = " Authorization X-Key"
	first := "192.0.2.1:80 GET app.test /0?s3cret" + secrets
	tests := []struct {
		name      string
		locations []string
		max       int
		want      string // error
		asked     []string
	}{
		{"none followed", []string{"/1"}, 0, "", nil},
		{"none followed, malformed", []string{"http://[/"}, 0, "", nil},
		{"relative", []string{"/x"}, 1, "", []string{"192.0.2.1:80 GET app.test /x" + secrets}},
		{"one too many", []string{"/1", "/x"}, 1, "more than 1 redirects", []string{"192.0.2.1:80 GET app.test /1" + secrets}},
		{"as many as allowed", []string{"/1", "/x"}, 2, "",
			[]string{"192.0.2.1:80 GET app.test /1" + secrets, "192.0.2.1:80 GET app.test /x" + secrets}},
		{"own name", []string{"http://APP.test/x"}, 1, "", []string{"192.0.2.1:80 GET APP.test /x" + secrets}},
		{"own name, port", []string{"http://app.test:81/x"}, 1, "", []string{"192.0.2.1:81 GET app.test:81 /x" + secrets}},
		{"own address", []string{"http://192.0.2.1/x"}, 1, "", []string{"192.0.2.1:80 GET 192.0.2.1 /x" + secrets}},
		{"another address", []string{"http://192.0.2.2/x"}, 1, "", []string{"192.0.2.2:80 GET 192.0.2.2 /x"}},
		{"another host", []string{"http://other.test/x"}, 1, "", []string{"other.test:80 GET other.test /x"}},
		{"another host without a scheme", []string{"//other.test/x"}, 1, "", []string{"other.test:80 GET other.test /x"}},
		{"below the own name", []string{"http://www.app.test/x"}, 1, "", []string{"www.app.test:80 GET www.app.test /x"}},
		{"there and back", []string{"http://other.test/1", "http://app.test/x"}, 2, "",
			[]string{"other.test:80 GET other.test /1", "192.0.2.1:80 GET app.test /x"}},
		{"scheme", []string{"ftp://app.test/x"}, 1, "redirect to a scheme other than http and https", nil},
		{"nobody", []string{"http:///x"}, 1, "redirect to no host", nil},
		{"malformed", []string{"http://[s3cret/"}, 1, "redirect to a malformed Location", nil},
		{"nowhere", []string{"http://nowhere.test/"}, 1, "redirect to a host that does not exist", []string{"nowhere.test:80"}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, tc.locations...)
			check := HTTP{Target: Target{Port: 80, Path: "/0?s3cret"}, Host: "app.test", Redirects: tc.max,
				Bearer: "s3cret", Headers: "X-Key: s3cret"}
			err := ask(t, check.prober(w.dial), "192.0.2.1")
			kit.WantError(t, err, tc.want)
			if err != nil && strings.Contains(err.Error(), "s3cret") || errors.Is(err, healthcheck.ErrInconclusive) {
				t.Errorf("fails with %v", err)
			}
			if got, want := strings.Join(w.asked, "\n"), strings.Join(append([]string{first}, tc.asked...), "\n"); got != want {
				t.Errorf("asks\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// The final answer is judged, whichever 3xx led there, by the method that HTTP
// prescribes.
func TestRedirectMethods(t *testing.T) {
	tests := []struct {
		status int
		want   string
	}{{301, "GET"}, {303, "GET"}, {307, "POST"}, {308, "POST"}}
	for _, tc := range tests {
		w := newWorld(t, "/x")
		w.status = tc.status
		check := HTTP{Target: Target{Port: 80, Path: "/0"}, Host: "app.test", Method: "POST", Redirects: 1, Status: "200"}
		kit.WantError(t, ask(t, check.prober(w.dial), "192.0.2.1"), "")
		if want := "192.0.2.1:80 " + tc.want + " app.test /x"; w.asked[1] != want {
			t.Errorf("%d: asks %s, want %s", tc.status, w.asked[1], want)
		}
	}
}

// With a HOST in the check, its name is dialled in the first place and after a
// redirect, and is a name of the check's own too.
func TestRedirectToHost(t *testing.T) {
	w := newWorld(t, "http://app.test:81/1", "http://proxy.test/x")
	check := HTTP{Target: Target{Host: "proxy.test", Port: 80, Path: "/0"}, Host: "app.test", Redirects: 2, Bearer: "s3cret"}
	kit.WantError(t, ask(t, check.prober(w.dial), "192.0.2.1"), "")
	want := "proxy.test:80 GET app.test /0 Authorization\n" +
		"proxy.test:81 GET app.test:81 /1 Authorization\nproxy.test:80 GET proxy.test /x Authorization"
	if got := strings.Join(w.asked, "\n"); got != want {
		t.Errorf("asks\n%s\nwant\n%s", got, want)
	}
}

// What was meant for TLS is not sent in the clear, not even to the same host.
func TestRedirectOutOfTLS(t *testing.T) {
	got := make(chan string, 1)
	clear := serve(t, func(_ http.ResponseWriter, r *http.Request) { got <- inLines(r) })
	location := "http://app.test" + Target{Port: clear}.String() + "/x"
	port := serveTLS(t, serving(newAuthority(t).issue("app.test", hour)), http.RedirectHandler(location, http.StatusFound))
	check := HTTP{TLS: true, Target: Target{Port: port}, Host: "app.test", Bearer: "s3cret", Headers: "X-Key: s3cret", Redirects: 1}
	check.TLSOptions.Insecure = true
	kit.WantError(t, ask(t, check.Prober(), "127.0.0.1"), "")
	if lines := <-got; strings.Contains(lines, "s3cret") {
		t.Errorf("asks\n%s", lines)
	}
}

func TestOwnHost(t *testing.T) {
	tests := []struct {
		target, addr, host string
		want               bool
	}{
		{"", "192.0.2.1", "app.test", true},
		{"", "192.0.2.1", "App.Test.", true},
		{"", "192.0.2.1", "www.app.test", false},
		{"", "192.0.2.1", "::ffff:192.0.2.1", true},
		{"", "2001:db8::1", "2001:DB8:0::1", true},
		{"", "2001:db8::1", "2001:db8::2", false},
		{"{endpoint}.proxy.test", "192.0.2.1", "192.0.2.1.proxy.test", true},
		{"proxy.test", "192.0.2.1", "192.0.2.1", false},
	}
	for _, tc := range tests {
		p := HTTP{Target: Target{Host: tc.target}, Host: "app.test"}.prober(nil)
		x := &exchange{httpProber: p, addr: netip.MustParseAddr(tc.addr)}
		if got := x.isOwn(tc.host); got != tc.want {
			t.Errorf("%s for %s at %q: %v", tc.host, tc.addr, tc.target, got)
		}
	}
}
