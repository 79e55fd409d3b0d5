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

// lookupTimeout is how long a lookup may take. It ends before a client asks
// again, which is after five seconds with most of them.
const lookupTimeout = 3 * time.Second

// An Resolver looks up the addresses that a name has in one family: qtype is A or
// AAAA. That there are none is a reply as well. An error says that nobody knows.
type Resolver interface {
	Lookup(ctx context.Context, name string, qtype uint16) (*pool.Reply, error)
}

// An ResolverFunc is a function that is an [Resolver].
type ResolverFunc func(ctx context.Context, name string, qtype uint16) (*pool.Reply, error)

// Lookup calls f.
func (f ResolverFunc) Lookup(ctx context.Context, name string, qtype uint16) (*pool.Reply, error) {
	return f(ctx, name, qtype)
}

// A QueryResolver does as an [Resolver] does within a query, on behalf of the client of
// w. ctx is that of the query.
type QueryResolver func(ctx context.Context, w dns.ResponseWriter, name string, qtype uint16) (*pool.Reply, error)

var (
	// errUnanswered is the error of a lookup that no plugin answers.
	errUnanswered = errors.New("no plugin answers for it")

	errReferral  = errors.New("the answer refers to other name servers")
	errTruncated = errors.New("the answer is truncated, over TCP too")
	errNoAnswer  = errors.New("a plugin took the query and answered nothing")
	errTimeout   = fmt.Errorf("no answer within %s", lookupTimeout)
	errHangs     = errors.New("an earlier lookup has not come back yet")
)

// An RcodeError is the error of a lookup that was answered with a failure.
type RcodeError struct{ Rcode int }

func (e *RcodeError) Error() string { return "the answer is " + rcodeName(e.Rcode) }

func rcodeName(rcode int) string {
	if s, ok := dns.RcodeToString[rcode]; ok {
		return s
	}
	return fmt.Sprintf("RCODE%d", rcode)
}

// A PanicError is the error of a lookup that panicked.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("a plugin panicked: %v", e.Value) }

// Trace returns where it panicked.
func (e *PanicError) Trace() []byte { return e.Stack }

// catch makes a panic the error of the function that defers it: a panic in a
// goroutine of ours would end the server.
func catch(err *error) {
	if v := recover(); v != nil {
		*err = &PanicError{Value: v, Stack: debug.Stack()}
	}
}
