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

func withSources(ctx context.Context, s *Spec) context.Context {
	if !s.Source4.IsValid() && !s.Source6.IsValid() {
		return ctx
	}
	return context.WithValue(ctx, sourcesKey{}, sources{s.Source4, s.Source6})
}

// sourceFor returns the local address for a socket to an address, or one that is
// not valid if the kernel is to choose.
func sourceFor(ctx context.Context, to netip.Addr) netip.Addr {
	s, _ := ctx.Value(sourcesKey{}).(sources)
	if to.Unmap().Is4() {
		return s.v4
	}
	return s.v6
}
