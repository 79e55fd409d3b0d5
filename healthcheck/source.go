package healthcheck

import (
	"context"
	"net/netip"
)

// sources are the local addresses of a Spec's probes. They are in the context of the
// probe, so that checks need not pass them on to the code that opens sockets.
type sources struct{ v4, v6 netip.Addr }

type sourcesKey struct{}

// WithSources returns a context whose probe sends from v4 or v6. For an address that is
// not valid, the kernel chooses.
func WithSources(ctx context.Context, v4, v6 netip.Addr) context.Context {
	if !v4.IsValid() && !v6.IsValid() {
		return ctx
	}
	return context.WithValue(ctx, sourcesKey{}, sources{v4, v6})
}

// SourceFor returns the local address for a socket that connects to an address. If it is
// not valid, the kernel is to choose.
func SourceFor(ctx context.Context, to netip.Addr) netip.Addr {
	s, _ := ctx.Value(sourcesKey{}).(sources)
	if to.Unmap().Is4() {
		return s.v4
	}
	return s.v6
}
