package lookup

import (
	"context"

	"github.com/miekg/dns"
)

// Both returns what ask says of A and of AAAA, which are asked for at the same time.
// What has not come within patience is nil, and so is what ask panicked over.
func Both(ctx context.Context, ask func(context.Context, uint16) *dns.Msg) (v4, v6 *dns.Msg) {
	ctx, cancel := context.WithTimeoutCause(ctx, clientWait, errTimeout)
	defer cancel()
	var said [len(families)]chan *dns.Msg
	for i, qtype := range families {
		said[i] = make(chan *dns.Msg, 1)
		go func() {
			var m *dns.Msg
			defer func() { said[i] <- m }()
			var err error
			defer catch(&err) // nobody else would
			m = ask(ctx, qtype)
		}()
	}
	v4, _ = receive(ctx, said[0])
	v6, _ = receive(ctx, said[1])
	return v4, v6
}
