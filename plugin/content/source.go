package content

import (
	"errors"
	"slices"
	"strings"

	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/file"
	"github.com/coredns/coredns/plugin/secondary"
	"github.com/coredns/coredns/plugin/transfer"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/zone"
)

// A source is a plugin that holds whole zones.
type source struct {
	transfer.Transferer
	zones func() []string // their apexes, and maybe other names
}

// sourcesOf returns the sources among handlers, in their order.
func sourcesOf(handlers []plugin.Handler, parents zone.Parents) (sources []source) {
	for _, h := range handlers {
		switch h := h.(type) {
		case file.File:
			sources = append(sources, source{h, fixed(h.Names)})
		case *secondary.Secondary:
			// Its Names grow with catalog zones, under a mutex that is not exported.
			// So every zone is tried that a wildcard may be in.
			names := slices.Clone(h.Names)
			for name := range parents {
				names = append(names, name)
			}
			sources = append(sources, source{h, fixed(names)})
		case auto:
			if h.Name() == "auto" {
				sources = append(sources, source{h, h.Names})
			}
		}
	}
	return sources
}

// auto is the plugin of that name. It is not imported because it imports the whole
// server.
type auto interface {
	plugin.Handler
	transfer.Transferer
	Names() []string
}

func fixed(names []string) func() []string { return func() []string { return names } }

// A version identifies what was loaded of a zone by the pointer to its SOA record. That
// differs after each load, even if the serial is the same (reload by mtime).
type version struct{ soa *dns.SOA }

var errNoSOA = errors.New("the transfer of the zone does not begin with its SOA record")

func isNotServed(err error) bool { return errors.Is(err, transfer.ErrNotAuthoritative) }

// pull returns the content and the version of a zone. The content is nil if the version
// is still since.
func pull(s source, name string, parents zone.Parents, since version) (c *zone.Content, v version, err error) {
	serial := uint32(0) // requests the whole zone
	if since.soa != nil {
		serial = since.soa.Serial
	}
	c, v, err = read(s, name, parents, serial, since)
	if err == nil && c == nil && v != since {
		return read(s, name, parents, 0, since)
	}
	return c, v, err
}

// read transfers a zone. The content is nil if the version is since, or if the transfer
// is the SOA record alone because it has the given serial.
func read(s source, name string, parents zone.Parents, serial uint32, since version) (*zone.Content, version, error) {
	batches, err := s.Transfer(name, serial)
	if err != nil {
		return nil, version{}, err
	}
	defer func() {
		for range batches { // or its sender would block for ever
		}
	}()
	first := <-batches
	if len(first) == 0 {
		return nil, version{}, errNoSOA
	}
	soa, ok := first[0].(*dns.SOA)
	if !ok {
		return nil, version{}, errNoSOA
	}
	if soa == since.soa {
		return nil, since, nil
	}
	var c *zone.Content
	for rrs := range batches {
		if c == nil {
			c = new(zone.Content)
		}
		for _, rr := range rrs {
			c.Add(strings.ToLower(name), parents, rr)
		}
	}
	return c, version{soa}, nil
}
