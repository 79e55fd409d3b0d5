package coredns

import (
	"github.com/coredns/caddy"
	"github.com/coredns/caddy/caddyfile"
)

// WithoutTokens returns c for hooks, which an instance keeps for as long as it serves,
// without the tokens of its directive. It would end with hooks that get a controller.
func WithoutTokens(c *caddy.Controller) *caddy.Controller {
	hooks := *c
	hooks.Dispenser = caddyfile.Dispenser{}
	return &hooks
}
