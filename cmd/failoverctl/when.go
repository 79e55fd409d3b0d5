package main

import (
	"fmt"
	"time"
)

// age returns how long ago a time was, or when it will be, in few characters.
func age(t, now time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return span(max(0, now.Sub(t)))
}

// span returns a duration in few characters.
func span(d time.Duration) string {
	d = d.Round(time.Second)
	switch m, h := int(d.Minutes()), int(d.Hours()); {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", m, int(d.Seconds())%60)
	case h < 48:
		return fmt.Sprintf("%dh%02dm", h, m%60)
	default:
		return fmt.Sprintf("%dd", h/24)
	}
}

// clock returns a time of day here, with the date if that is not today.
func clock(t, now time.Time) string {
	t, now = t.Local(), now.Local()
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format("15:04:05 MST")
	}
	return t.Format("2006-01-02 15:04:05 MST")
}

// until returns when something ends.
func until(end *time.Time, now time.Time) string {
	if end == nil {
		return "for ever"
	}
	return "until " + clock(*end, now)
}
