package corefile

import (
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
	"github.com/coredns-failover/failover/plugin/policy"
)

// readPrefer takes one argument in quotes, or an expression without any. It
// reads what view reads.
func (p *poolBlock) readPrefer(l syntax.Line) error {
	p.prefer = strings.Join(l.Words[1:], " ")
	program, err := policy.Compile(p.prefer)
	if err != nil {
		words, _, _ := strings.Cut(err.Error(), "\n") // without the picture of where
		return l.Expected(p.prefer, "an expression that is true or false: %s", words)
	}
	p.asksMetadata = ast.Find(program.Node(), isMetadata) != nil
	return nil
}

// isMetadata reports whether n speaks of what other plugins say of a query.
func isMetadata(n ast.Node) bool {
	id, ok := n.(*ast.IdentifierNode)
	return ok && id.Value == "metadata"
}
