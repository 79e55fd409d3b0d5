package corefile

import (
	"slices"

	tree "github.com/coredns-failover/failover/plugin/zone"
)

// A described is a record as it is written.
type described struct {
	name  name
	pools []*poolLevel
}

// finish refuses what can be told only once all records are known.
func (p *parser) finish() error {
	zones := make([]string, len(p.config.Zones))
	for i, z := range p.config.Zones {
		zones[i] = z.Name
	}
	apexes := tree.NewApexes(origins(p.keys), zones)
	w := walker{cleared: make(map[*described]bool)}
	for _, z := range zones {
		w.names.AddZone(z)
	}
	for _, d := range p.described {
		if apexes.Of(d.name.name) == d.name.name {
			if err := d.refuseAlias(); err != nil {
				return err
			}
		}
		w.names.AddRecord(d.name.name, apexes.Above(d.name.name), d)
	}
	for _, d := range p.described {
		if err := w.walk(d); err != nil {
			return err
		}
	}
	return nil
}

// refuseAlias refuses an alias at the apex of a zone, beside the SOA.
func (d *described) refuseAlias() error {
	for _, p := range d.pools {
		if p.cname() {
			return p.asAt.expected("cname", "a record below the apex of its zone, and %s is the apex", d.name.name)
		}
	}
	return nil
}

// A walker looks for host names that lead back to the record that they are in.
type walker struct {
	names   tree.Tree[*described]
	path    []*described
	cleared map[*described]bool // leads nowhere back
}

// walk follows the host names of d that are records' own names in this server block.
func (w *walker) walk(d *described) error {
	if w.cleared[d] {
		return nil
	}
	w.path = append(w.path, d)
	for _, p := range d.pools {
		for _, e := range p.endpoints {
			if err := w.follow(e); err != nil {
				return err
			}
		}
	}
	w.path = w.path[:len(w.path)-1]
	w.cleared[d] = true
	return nil
}

func (w *walker) follow(e endpoint) error {
	if e.host == "" {
		return nil
	}
	d, is := w.names.Find(e.host)
	switch {
	case is != tree.Record, d.name.name != e.host:
		return nil // or covered by a wildcard unless a zone behind has it, as is known at run time
	case slices.Contains(w.path, d):
		return e.at.expected(e.host, "a host name that does not lead back to the record %s", d.name.name)
	}
	return w.walk(d)
}
