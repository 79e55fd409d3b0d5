package policy

import (
	"context"
	"sync"

	"github.com/coredns/coredns/plugin/pkg/expression"
	"github.com/coredns/coredns/request"

	"github.com/expr-lang/expr/vm"
)

// PoolLabel is the metadata label of the pool that answers a client. It says
// nothing while that is being decided: it would have to be decided first.
const PoolLabel = "failover/pool"

// A situation is what expressions see of a query. Its environment is a map of
// functions about whatever query it is of, and is used for one after the other:
// to make one takes longer than to run most expressions.
type situation struct {
	context.Context
	state   request.Request
	client  Client
	env     map[string]any
	machine vm.VM
}

var situations = sync.Pool{New: func() any { return newSituation() }}

func newSituation() *situation {
	s := new(situation)
	s.env = expression.DefaultEnv(s, &s.state)
	s.env["client_ip"] = func() string {
		if s.client.ECS != nil {
			return s.client.Addr.String()
		}
		return s.state.IP()
	}
	gathered := s.env["metadata"].(func(string) string)
	s.env["metadata"] = func(label string) string {
		if label == PoolLabel {
			return ""
		}
		return gathered(label)
	}
	return s
}

// situationOf returns that of a query, to be released when it is decided.
func situationOf(ctx context.Context, state request.Request, client Client) *situation {
	s := situations.Get().(*situation)
	s.Context, s.state, s.client = ctx, state, client
	return s
}

func (s *situation) release() {
	s.Context, s.state, s.client = nil, request.Request{}, Client{}
	situations.Put(s)
}

// is reports whether an expression is true. One that fails is not.
func (s *situation) is(prog *vm.Program) bool {
	is, err := s.machine.Run(prog, s.env)
	return err == nil && is == true
}
