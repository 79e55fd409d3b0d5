package metrics

import (
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// A row is one metric at the moment of a scrape. It takes a third of the memory that a metric
// of prometheus.NewConstMetric takes, because rows share labels. A scrape makes ten for each
// record.
type row struct {
	desc   *prometheus.Desc
	kind   prometheus.ValueType
	value  float64
	labels []*dto.LabelPair // sorted, and never changed
}

func newRow(d *prometheus.Desc, kind prometheus.ValueType, value float64, labels []*dto.LabelPair) *row {
	slices.SortFunc(labels, func(a, b *dto.LabelPair) int { return strings.Compare(*a.Name, *b.Name) })
	return &row{d, kind, value, labels}
}

// Desc implements prometheus.Metric.
func (r *row) Desc() *prometheus.Desc { return r.desc }

// Write implements prometheus.Metric.
func (r *row) Write(m *dto.Metric) error {
	m.Label = r.labels
	if r.kind == prometheus.CounterValue {
		m.Counter = &dto.Counter{Value: &r.value}
	} else {
		m.Gauge = &dto.Gauge{Value: &r.value}
	}
	return nil
}

// id identifies the metric.
func (r *row) id() string {
	var id strings.Builder
	id.WriteString(r.desc.String())
	for _, l := range r.labels {
		id.WriteString("\xff" + *l.Value)
	}
	return id.String()
}

// pairs has the labels that rows of one scrape share, by name and value.
type pairs map[[2]string]*dto.LabelPair

func (p pairs) of(name, value string) *dto.LabelPair {
	key := [2]string{name, value}
	l := p[key]
	if l == nil {
		l = newPair(name, value)
		p[key] = l
	}
	return l
}

func newPair(name, value string) *dto.LabelPair { return &dto.LabelPair{Name: &name, Value: &value} }
