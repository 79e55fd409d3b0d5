package override

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

// Bounds of what an operator may say.
const (
	defaultFor = time.Hour      // how long an override holds if nobody says so
	MaxFor     = 24 * time.Hour // at most, unless it is for ever
	MaxText    = 200            // characters of a reason or an author
)

// A Request is what an operator wants. All changes are made, or none.
type Request struct {
	Changes []Change `json:"changes"`
	DryRun  bool     `json:"dry_run"` // say what would change, and change nothing
	Force   bool     `json:"force"`   // even if nothing healthy is left to answer
}

// A Change sets one override.
type Change struct {
	Target
	Action  pool.Action `json:"action"`
	Reason  string      `json:"reason"`
	Author  string      `json:"author"`
	For     string      `json:"for"` // a duration, "" is defaultFor
	Forever bool        `json:"forever"`
}

// override returns what c sets, for records as the Corefile has them now. Its ID is for
// the caller to give.
func (c *Change) override(s *Set, now time.Time) (Override, *Error) {
	o := Override{Target: c.Target, Action: c.Action, Reason: c.Reason, Author: c.Author, Created: now}
	for _, check := range []func(*Override) *Error{c.readTimes, c.readTexts, readTarget, c.readAction, s.resolve} {
		if err := check(&o); err != nil {
			return o, err
		}
	}
	return o, nil
}

func (c *Change) readTimes(o *Override) *Error {
	d := defaultFor
	switch {
	case c.Forever && c.For != "":
		return invalid("forever", "either for or forever, not both")
	case c.Forever:
		return nil
	case c.For != "":
		var ok bool
		if d, ok = duration(c.For); !ok || d <= 0 || d > MaxFor {
			return invalid("for", "expected a duration up to %s, or forever", MaxFor)
		}
	}
	end := o.Created.Add(d)
	o.Expires = &end
	return nil
}

// duration reads a duration of Go, or seconds.
func duration(s string) (d time.Duration, ok bool) {
	if n, err := strconv.ParseUint(s, 10, 32); err == nil {
		return time.Duration(n) * time.Second, true // #nosec G115 -- 32 bits
	}
	d, err := time.ParseDuration(s)
	return d, err == nil
}

func (c *Change) readTexts(*Override) *Error {
	switch {
	case c.Reason == "":
		return invalid("reason", "say why: expected 1 to %d printable characters", MaxText)
	case !isPrintable(c.Reason):
		return invalid("reason", "expected 1 to %d printable characters", MaxText)
	case !isPrintable(c.Author):
		return invalid("author", "expected at most %d printable characters", MaxText)
	}
	return nil
}

func isPrintable(s string) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= MaxText &&
		!strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// readTarget brings a target into the form in which it is compared.
func readTarget(o *Override) *Error {
	t := &o.Target
	switch {
	case t.Address != "":
		return t.readAddress()
	case t.Record == "":
		return invalid("record", "expected a record or an address")
	case t.Endpoint != "" && t.Pool == "":
		return invalid("pool", "expected the pool of the endpoint")
	}
	if _, ok := dns.IsDomainName(t.Record); !ok {
		return invalid("record", "expected a name")
	}
	t.Record = strings.ToLower(dns.Fqdn(t.Record))
	return nil
}

func (t *Target) readAddress() *Error {
	if t.Record != "" || t.Pool != "" || t.Endpoint != "" || t.Server != "" || t.View != "" {
		return invalid("address", "an address is a target by itself, without record, pool, endpoint, server or view")
	}
	addr, err := netip.ParseAddr(t.Address)
	if err != nil || addr.Zone() != "" {
		return invalid("address", "expected an IP address")
	}
	t.Address = addr.Unmap().String()
	return nil
}

// readAction refuses what the target cannot do.
func (c *Change) readAction(o *Override) *Error {
	var actions []pool.Action
	switch {
	case o.Address != "" || o.Endpoint != "":
		actions = []pool.Action{pool.ForceUp, pool.ForceDown, pool.Drain}
	case o.Pool != "":
		actions = []pool.Action{pool.ForceUp, pool.ForceDown, pool.Drain, pool.Use}
	default:
		actions = []pool.Action{pool.Freeze}
	}
	if slices.Contains(actions, c.Action) {
		return nil
	}
	if o.Action == pool.Use {
		return invalid("pool", "expected the pool that is to answer")
	}
	return invalid("action", "expected one of %s for such a target", words(actions))
}

func words(actions []pool.Action) string {
	texts := make([]string, len(actions))
	for i, a := range actions {
		texts[i] = string(a)
	}
	return strings.Join(texts, ", ")
}

func invalid(field, format string, v ...any) *Error {
	return &Error{Kind: Invalid, Field: field, Text: fmt.Sprintf(format, v...)}
}
