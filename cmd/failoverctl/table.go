package main

import (
	"fmt"
	"strings"
)

// A column of a table. One is flexible: its cells wrap in the space that is left.
type column struct {
	title    string
	most     int // cells of the others, which are cut; 0 is any
	flexible bool
}

// A row has cells, and texts below them.
type row struct {
	cells []string
	notes []string
}

// A table fits the width of its printer.
type table struct {
	columns []column
	rows    []row
}

const (
	gap        = 2  // between columns
	leastWidth = 16 // of the flexible column
	noteIndent = 4
)

func (t *table) add(notes []string, cells ...string) {
	for i := range cells {
		cells[i] = visible(cells[i])
		if most := t.columns[i].most; most > 0 {
			cells[i] = cut(cells[i], most)
		}
	}
	t.rows = append(t.rows, row{cells, notes})
}

// print prints the table with its titles.
func (t *table) print(p *printer) {
	titles := make([]string, len(t.columns))
	for i, c := range t.columns {
		titles[i] = c.title
	}
	widths := t.widths(p.width, titles)
	t.printRow(p, widths, row{cells: titles})
	for _, r := range t.rows {
		t.printRow(p, widths, r)
	}
}

// widths returns how wide each column is.
func (t *table) widths(total int, titles []string) []int {
	widths := make([]int, len(t.columns))
	flexible, left := 0, total
	for i, c := range t.columns {
		widths[i] = cellsOf(titles[i])
		for _, r := range t.rows {
			widths[i] = max(widths[i], cellsOf(r.cells[i]))
		}
		if c.flexible {
			flexible = i
		} else {
			left -= widths[i]
		}
	}
	left -= gap * (len(t.columns) - 1)
	widths[flexible] = min(widths[flexible], max(left, leastWidth))
	return widths
}

func (t *table) printRow(p *printer, widths []int, r row) {
	for n := 0; ; n++ {
		line, more := t.lineOf(p, widths, r, n)
		if n > 0 && line == "" {
			break
		}
		fmt.Fprintln(p.w, line)
		if !more {
			break
		}
	}
	for _, note := range r.notes {
		p.line(noteIndent, "%s", note)
	}
}

// lineOf returns the line n of a row, and whether there is another one.
func (t *table) lineOf(p *printer, widths []int, r row, n int) (line string, more bool) {
	var b strings.Builder
	filled := 0 // cells at the end of b that are spaces
	for i, text := range r.cells {
		lines := []string{text}
		if t.columns[i].flexible {
			lines = wrapCell(text, widths[i])
		}
		text = ""
		if n < len(lines) {
			text, more = lines[n], more || n+1 < len(lines)
		}
		if text != "" {
			b.WriteString(strings.Repeat(" ", filled) + p.paint(text, text))
			filled = 0
		}
		filled += widths[i] - cellsOf(text) + gap
	}
	return b.String(), more
}

// wrapCell wraps a text, with lines after the first indented as the text itself is.
func wrapCell(text string, most int) []string {
	indent := text[:len(text)-len(strings.TrimLeft(text, " "))]
	lines := wrap(text[len(indent):], most-len(indent), most-len(indent)-1)
	for i := range lines {
		if i > 0 {
			lines[i] = " " + lines[i]
		}
		lines[i] = indent + lines[i]
	}
	return lines
}
