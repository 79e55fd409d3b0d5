package corefile

import (
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
	"github.com/coredns-failover/failover/plugin/policy"
)

// readPrefer reads an expression of the plugin view, in quotes or not.
func (p *poolBlock) readPrefer(l syntax.Line) error {
	p.prefer = strings.Join(l.Words[1:], " ")
	program, err := policy.Compile(p.prefer)
	if err != nil {
		words, _, _ := strings.Cut(err.Error(), "\n") // without the excerpt of the expression
		return l.Expected(p.prefer, "an expression that is true or false: %s", words)
	}
	p.asksMetadata = ast.Find(program.Node(), isMetadata) != nil
	return nil
}

// isMetadata reports whether n uses the metadata of a query.
func isMetadata(n ast.Node) bool {
	id, ok := n.(*ast.IdentifierNode)
	return ok && id.Value == "metadata"
}
