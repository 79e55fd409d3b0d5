package healthcheck

import (
	"context"
	"net/netip"
)

// sources are the local addresses that a Spec wants its probes to come from.
// They travel in the context of the probe, because they are none of a check's
// business: whatever opens a socket asks for them.
type sources struct{ v4, v6 netip.Addr }

type sourcesKey struct{}

// WithSources returns a context whose probe comes from v4 or v6. An address that
// is not valid leaves the choice to the kernel.
func WithSources(ctx context.Context, v4, v6 netip.Addr) context.Context {
	if !v4.IsValid() && !v6.IsValid() {
		return ctx
	}
	return context.WithValue(ctx, sourcesKey{}, sources{v4, v6})
}

// SourceFor returns the local address for a socket to an address, or one that is
// not valid if the kernel is to choose.
func SourceFor(ctx context.Context, to netip.Addr) netip.Addr {
	s, _ := ctx.Value(sourcesKey{}).(sources)
	if to.Unmap().Is4() {
		return s.v4
	}
	return s.v6
}
