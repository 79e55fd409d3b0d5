package probe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/vm"

	"github.com/coredns-failover/failover/healthcheck/internal/dial"
)

// maxSteps limits the iterations of all loops of an assertion, and what it may allocate,
// in the units of expr (about one per element). maxSteps iterations take some tens of
// milliseconds. Without a limit, a loop in a loop over a body of 64 KiB may have a
// thousand million.
const maxSteps = 1 << 18

// An assertEnv is the environment of an assertion about an answer.
type assertEnv struct {
	Status int                 `expr:"status"`
	Body   string              `expr:"body"` // the first 64 KiB
	JSON   any                 `expr:"json"` // the body; nil if it is not JSON or was cut off
	Header func(string) string `expr:"header"`
	Step   func() bool         `expr:" step"` // counts an iteration; no expression can have this name
}

// An assertion is an expression that must be true of an answer.
type assertion struct {
	text     string
	program  *vm.Program
	usesJSON bool // it uses json, or may use it
}

// ValidateAssertion returns an error if text cannot be [HTTP].Assert. The error has one
// line.
func ValidateAssertion(text string) error {
	_, err := newAssertion(text)
	return err
}

func newAssertion(text string) (*assertion, error) {
	a := &assertion{text: text}
	program, err := expr.Compile(text, expr.Env(assertEnv{}), expr.AsBool(), expr.Patch(a),
		expr.DisableBuiltin("uniq"), expr.Function("uniq", uniq))
	if err != nil {
		return nil, firstLine(err)
	}
	a.program = program
	return a, nil
}

// mustAssert returns the assertion of text, or nil for "". It panics if text does not
// compile.
func mustAssert(text string) *assertion {
	if text == "" {
		return nil
	}
	a, err := newAssertion(text)
	if err != nil {
		panic(err)
	}
	return a
}

// Visit implements [ast.Visitor]. It sets usesJSON if the expression has the name json, or
// $env, which has all names. It adds a call of step to every iteration of a loop: expr has
// no other way to end one.
func (a *assertion) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		a.usesJSON = a.usesJSON || n.Value == "json" || n.Value == "$env"
	case *ast.PredicateNode:
		step := &ast.CallNode{Callee: &ast.IdentifierNode{Value: " step"}}
		n.Node = &ast.ConditionalNode{Cond: step, Exp1: n.Node, Exp2: new(ast.NilNode)}
	}
}

var errSteps = errors.New("it takes too many steps")

// steps returns a function that panics after maxSteps calls, and once ctx has ended. expr
// turns the panic into an error.
func steps(ctx context.Context) func() bool {
	left := maxSteps
	return func() bool {
		if left--; left < 0 {
			panic(errSteps)
		}
		if ctx.Err() != nil {
			panic(ctx.Err())
		}
		return true
	}
}

// maxUniq is how many elements uniq accepts: it compares each with each.
const maxUniq = 1 << 10

// uniq is the function uniq of expr with a limit.
func uniq(args ...any) (any, error) {
	if len(args) == 1 {
		if v := reflect.ValueOf(args[0]); v.Kind() == reflect.Slice && v.Len() > maxUniq {
			return nil, errSteps
		}
	}
	return builtin.Builtins[builtin.Index["uniq"]].Func(args...)
}

// verify returns nil if the assertion is true of the answer, or why it is not.
func (a *assertion) verify(ctx context.Context, resp *http.Response, body []byte) error {
	env := assertEnv{Status: resp.StatusCode, Body: string(body), Header: resp.Header.Get, Step: steps(ctx)}
	if a.usesJSON && json.Unmarshal(body, &env.JSON) != nil {
		env.JSON = nil
	}
	machine := vm.VM{MemoryBudget: maxSteps}
	result, err := machine.Run(a.program, env)
	switch {
	case err != nil && ctx.Err() != nil:
		return dial.Because(ctx, "assert "+a.text, ctx.Err())
	case err != nil:
		return fmt.Errorf("assert %s: %s", a.text, a.reason(err))
	case result == true:
		return nil
	case result == false:
		return fmt.Errorf("assert %s: it is false", a.text)
	}
	return fmt.Errorf("assert %s: it is neither true nor false", a.text)
}

// reason returns in words why the assertion failed, without a value of the answer: that
// may be a secret that the target echoes.
func (a *assertion) reason(err error) string {
	words := firstLine(err).Error()
	_, fetch, ok := strings.Cut(words, "cannot fetch ")
	field, _, _ := strings.Cut(fetch, " ")
	switch {
	case ok && strings.Contains(a.text, field):
		return words
	case errors.Is(err, errSteps):
		return errSteps.Error()
	case strings.Contains(words, "memory budget exceeded"):
		return "it takes too much memory"
	}
	return "it cannot be evaluated on this answer"
}

// firstLine returns err without the excerpt of the expression that expr adds below the
// message.
func firstLine(err error) error {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return errors.New(line)
}
