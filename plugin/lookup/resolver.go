package lookup

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

// lookupTimeout is how long a lookup may take. Most clients repeat a query after five
// seconds.
const lookupTimeout = 3 * time.Second

// A resolver looks up the addresses that a name has in one family: qtype is A or
// AAAA. NXDOMAIN and NODATA are replies too. Without a reply it returns an error.
type resolver interface {
	Lookup(ctx context.Context, name string, qtype uint16) (*pool.Reply, error)
}

// A resolverFunc is a function that is a resolver.
type resolverFunc func(ctx context.Context, name string, qtype uint16) (*pool.Reply, error)

// Lookup calls f.
func (f resolverFunc) Lookup(ctx context.Context, name string, qtype uint16) (*pool.Reply, error) {
	return f(ctx, name, qtype)
}

// A QueryResolver is a resolver for a client's query: w is the client's, ctx that of
// the query.
type QueryResolver func(ctx context.Context, w dns.ResponseWriter, name string, qtype uint16) (*pool.Reply, error)

var (
	errUnanswered = errors.New("no plugin answers for it")
	errReferral   = errors.New("the answer refers to other name servers")
	errTruncated  = errors.New("the answer is truncated, over TCP too")
	errNoAnswer   = errors.New("a plugin took the query and answered nothing")
	errTimeout    = fmt.Errorf("no answer within %s", lookupTimeout)
	errHangs      = errors.New("an earlier lookup has not come back yet")
)

// An rcodeError is the error of a lookup whose answer has an rcode such as SERVFAIL.
type rcodeError struct{ Rcode int }

func (e *rcodeError) Error() string { return "the answer is " + rcodeName(e.Rcode) }

func rcodeName(rcode int) string {
	if s, ok := dns.RcodeToString[rcode]; ok {
		return s
	}
	return fmt.Sprintf("RCODE%d", rcode)
}

// A panicError is the error of a lookup in which a plugin panicked.
type panicError struct {
	Value any
	Stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("a plugin panicked: %v", e.Value) }

// Trace returns the stack of the panic.
func (e *panicError) Trace() []byte { return e.Stack }

// catch is deferred. It turns a panic into the error of its function, because a panic in
// a goroutine of this package would end the server.
func catch(err *error) {
	if v := recover(); v != nil {
		*err = &panicError{Value: v, Stack: debug.Stack()}
	}
}
