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

// maxSteps bounds what an assertion may allocate while it runs, in the units
// of expr, about one per element, and how often it may go round in loops: the
// elements of a body of 64 KiB with those of the same body are a thousand
// million. So many take some tens of milliseconds.
const maxSteps = 1 << 18

// An assertEnv is what an assertion sees of an answer.
type assertEnv struct {
	Status int                 `expr:"status"`
	Body   string              `expr:"body"` // the first 64 KiB
	JSON   any                 `expr:"json"` // the body; nil if it is no JSON or is cut off
	Header func(string) string `expr:"header"`
	Step   func() bool         `expr:" step"` // no name that can be written; see Visit
}

// An assertion is an expression over an answer that must be true.
type assertion struct {
	text     string
	program  *vm.Program
	asksJSON bool // it speaks of json, which is worth parsing then
}

// ValidateAssertion returns what is wrong with the expression of
// [HTTP].Assert, on one line.
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

// mustAssert returns nil for "".
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

// Visit notices the names that the expression speaks of; $env has them all. And
// it puts a step into every turn of a loop, which nothing else in expr can end.
func (a *assertion) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		a.asksJSON = a.asksJSON || n.Value == "json" || n.Value == "$env"
	case *ast.PredicateNode:
		step := &ast.CallNode{Callee: &ast.IdentifierNode{Value: " step"}}
		n.Node = &ast.ConditionalNode{Cond: step, Exp1: n.Node, Exp2: new(ast.NilNode)}
	}
}

var errSteps = errors.New("it takes too many steps")

// steps returns a function that panics, as expr wants it, after maxSteps and
// when ctx is over.
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

// maxUniq bounds what uniq of expr takes, which compares each with each.
const maxUniq = 1 << 10

func uniq(args ...any) (any, error) {
	if len(args) == 1 {
		if v := reflect.ValueOf(args[0]); v.Kind() == reflect.Slice && v.Len() > maxUniq {
			return nil, errSteps
		}
	}
	return builtin.Builtins[builtin.Index["uniq"]].Func(args...)
}

// verify returns why the assertion does not hold of an answer.
func (a *assertion) verify(ctx context.Context, resp *http.Response, body []byte) error {
	env := assertEnv{Status: resp.StatusCode, Body: string(body), Header: resp.Header.Get, Step: steps(ctx)}
	if a.asksJSON && json.Unmarshal(body, &env.JSON) != nil {
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

// reason says why the assertion came to no end, without a value of the answer:
// that may be a secret that the target echoes.
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

// firstLine is err without the excerpt from the expression that expr draws
// below its words.
func firstLine(err error) error {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return errors.New(line)
}
