package operate

import (
	"context"
	"net/http"

	"github.com/coredns-failover/failover/plugin/admin"
)

// explain says what a query is answered, and why.
func (o *Operator) explain(context.Context, admin.Question) (*admin.Explanation, *admin.Problem) {
	return nil, &admin.Problem{Title: http.StatusText(http.StatusNotImplemented), Status: http.StatusNotImplemented}
}
