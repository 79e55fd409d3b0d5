package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"
)

// suggest adds names of records that are near one that the server does not have.
func (c *client) suggest(ctx context.Context, name string, err error) error {
	if name == "" || statusOf(err) != http.StatusNotFound {
		return err
	}
	records, _, listErr := c.records(ctx, "")
	if listErr != nil {
		return err
	}
	var names []string
	for i := range records {
		names = append(names, strings.TrimSuffix(records[i].Name, "."))
	}
	near := nearest(name, names)
	switch {
	case len(near) > 0:
		return fmt.Errorf("%w; did you mean %s?", err, strings.Join(near, " or "))
	case len(names) == 0:
		return fmt.Errorf("%w: the server has no records", err)
	}
	return fmt.Errorf("%w; \"failoverctl status\" lists those that there are", err)
}

// mostNear is how many names are suggested.
const mostNear = 3

// nearest returns those names that are meant perhaps, as cobra does for commands: by the
// beginning, or but for a few letters.
func nearest(name string, names []string) []string {
	name = strings.TrimSuffix(name, ".")
	parent := &cobra.Command{SuggestionsMinimumDistance: min(max(len(name)/4, 1), 2)}
	for _, n := range names {
		parent.AddCommand(&cobra.Command{Use: n, Run: func(*cobra.Command, []string) {}})
	}
	near := parent.SuggestionsFor(name)
	return unique(near[:min(len(near), mostNear)])
}

func unique(names []string) (all []string) {
	seen := make(map[string]bool)
	for _, n := range names {
		if !seen[n] {
			all = append(all, n)
		}
		seen[n] = true
	}
	return all
}
