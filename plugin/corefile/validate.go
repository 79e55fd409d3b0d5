package corefile

import (
	"slices"

	tree "github.com/coredns-failover/failover/plugin/zone"
)

// A parsedRecord is a record as written.
type parsedRecord struct {
	name  recordName
	pools []*poolBlock
}

// validate refuses faults that need all records to be seen: a CNAME at the apex of a
// zone, and host names that form a loop.
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
	for _, rec := range p.parsed {
		if apexes.Of(rec.name.fqdn) == rec.name.fqdn {
			if err := rec.refuseApexCNAME(); err != nil {
				return err
			}
		}
		w.names.AddRecord(rec.name.fqdn, apexes.Above(rec.name.fqdn), rec)
	}
	for _, rec := range p.parsed {
		if err := w.walk(rec); err != nil {
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

// A walker finds host names that lead back to their record.
type walker struct {
	names   tree.Tree[*parsedRecord]
	path    []*parsedRecord
	cleared map[*parsedRecord]bool // in no loop
}

// walk follows the host names of rec that are names of records in the server block.
func (w *walker) walk(rec *parsedRecord) error {
	if w.cleared[rec] {
		return nil
	}
	w.path = append(w.path, rec)
	for _, p := range rec.pools {
		for _, e := range p.endpoints {
			if err := w.follow(e); err != nil {
				return err
			}
		}
	}
	w.path = w.path[:len(w.path)-1]
	w.cleared[rec] = true
	return nil
}

func (w *walker) follow(e endpoint) error {
	if e.Host == "" {
		return nil
	}
	rec, match := w.names.Find(e.Host)
	switch {
	case match != tree.Record, rec.name.fqdn != e.Host:
		return nil // a wildcard may cover it, unless a zone of the next plugins has the name: found out at run time
	case slices.Contains(w.path, rec):
		return e.at.Expected(e.Host, "a host name that does not lead back to the record %s", rec.name.fqdn)
	}
	return w.walk(rec)
}
