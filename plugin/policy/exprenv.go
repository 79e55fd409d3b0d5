package policy

import (
	"context"
	"sync"

	"github.com/coredns/coredns/plugin/pkg/expression"
	"github.com/coredns/coredns/request"

	"github.com/expr-lang/expr/vm"
)

// PoolLabel is the metadata label of the pool that answers a client. In expressions it is
// empty, as they decide which pool that is.
const PoolLabel = "failover/pool"

// An exprEnv is the environment in which expressions about a query run. Its functions are
// about the current query, so that it can be used for one query after the other: to make
// an environment takes longer than to run most expressions.
type exprEnv struct {
	context.Context
	state   request.Request
	client  Client
	env     map[string]any
	machine vm.VM
}

var exprEnvs = sync.Pool{New: func() any { return newExprEnv() }}

func newExprEnv() *exprEnv {
	e := new(exprEnv)
	e.env = expression.DefaultEnv(e, &e.state)
	e.env["client_ip"] = func() string {
		if e.client.ECS != nil {
			return e.client.Addr.String()
		}
		return e.state.IP()
	}
	gathered := e.env["metadata"].(func(string) string)
	e.env["metadata"] = func(label string) string {
		if label == PoolLabel {
			return ""
		}
		return gathered(label)
	}
	return e
}

// exprEnvOf returns an environment for a query, which the caller releases.
func exprEnvOf(ctx context.Context, state request.Request, client Client) *exprEnv {
	e := exprEnvs.Get().(*exprEnv)
	e.Context, e.state, e.client = ctx, state, client
	return e
}

func (e *exprEnv) release() {
	e.Context, e.state, e.client = nil, request.Request{}, Client{}
	exprEnvs.Put(e)
}

// isTrue reports whether an expression is true. An expression that fails is not.
func (e *exprEnv) isTrue(prog *vm.Program) bool {
	is, err := e.machine.Run(prog, e.env)
	return err == nil && is == true
}
