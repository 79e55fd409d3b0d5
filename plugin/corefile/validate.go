package corefile

import (
	"slices"

	tree "github.com/coredns-failover/failover/plugin/zone"
)

// A parsedRecord is a record as it is written.
type parsedRecord struct {
	name  recordName
	pools []*poolBlock
}

// finish refuses what only all records together show: a CNAME at the apex of a zone
// and host names that form a loop.
func (p *parser) validate() error {
	zones := make([]string, len(p.config.Zones))
	for i, z := range p.config.Zones {
		zones[i] = z.Name
	}
	apexes := tree.NewApexes(origins(p.keys), zones)
	w := walker{cleared: make(map[*parsedRecord]bool)}
	for _, z := range zones {
		w.names.AddZone(z)
	}
	for _, d := range p.parsed {
		if apexes.Of(d.name.fqdn) == d.name.fqdn {
			if err := d.refuseApexCNAME(); err != nil {
				return err
			}
		}
		w.names.AddRecord(d.name.fqdn, apexes.Above(d.name.fqdn), d)
	}
	for _, d := range p.parsed {
		if err := w.walk(d); err != nil {
			return err
		}
	}
	return nil
}

// refuseApexCNAME refuses a CNAME at the apex of a zone, where the SOA is.
func (r *parsedRecord) refuseApexCNAME() error {
	for _, p := range r.pools {
		if p.cname() {
			return p.asAt.Expected("cname", "a record below the apex of its zone, and %s is the apex", r.name.fqdn)
		}
	}
	return nil
}

// A walker finds host names that lead back to the record that has them.
type walker struct {
	names   tree.Tree[*parsedRecord]
	path    []*parsedRecord
	cleared map[*parsedRecord]bool // known to be in no loop
}

// walk follows the host names of d that are records' own names in the same server
// block.
func (w *walker) walk(d *parsedRecord) error {
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
	if e.Host == "" {
		return nil
	}
	d, kind := w.names.Find(e.Host)
	switch {
	case kind != tree.Record, d.name.fqdn != e.Host:
		return nil // or covered by a wildcard unless a zone behind has it, as is known at run time
	case slices.Contains(w.path, d):
		return e.at.Expected(e.Host, "a host name that does not lead back to the record %s", d.name.fqdn)
	}
	return w.walk(d)
}
