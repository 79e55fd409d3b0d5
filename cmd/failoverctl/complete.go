package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// completionWait is how long somebody waits who presses the tabulator.
const completionWait = 2 * time.Second

// completed returns what find finds at the server, for the completion of shells.
func (a *app) completed(c *cobra.Command, find func(context.Context, *client) []cobra.Completion) ([]cobra.Completion, cobra.ShellCompDirective) {
	if err := a.checkOptions(c, nil); err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	api, err := a.connect()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ctx, cancel := context.WithTimeout(context.Background(), completionWait)
	defer cancel()
	return find(ctx, api), cobra.ShellCompDirectiveNoFileComp
}

// completeRecord completes the name of a record, as the first argument.
func (a *app) completeRecord(c *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return a.completed(c, func(ctx context.Context, api *client) (names []cobra.Completion) {
		records, _, _ := api.records(ctx, "")
		for i := range records {
			names = append(names, strings.TrimSuffix(records[i].Name, "."))
		}
		return unique(names)
	})
}

// completeTarget completes RECORD, then RECORD/POOL, then RECORD/POOL/ENDPOINT.
func (a *app) completeTarget(c *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return a.completed(c, func(ctx context.Context, api *client) (targets []cobra.Completion) {
		records, _, _ := api.records(ctx, "")
		for i := range records {
			name := strings.TrimSuffix(records[i].Name, ".")
			targets = append(targets, name)
			for _, p := range records[i].Pools {
				targets = append(targets, name+"/"+p.Name)
				for j := range p.Endpoints {
					targets = append(targets, name+"/"+p.Name+"/"+p.Endpoints[j].Name)
				}
			}
		}
		return deeperBy(begun, unique(targets))
	})
}

// deeperBy returns the targets that have as many parts as the one that is begun.
func deeperBy(begun string, targets []string) (found []string) {
	for _, t := range targets {
		if strings.Count(t, "/") == min(strings.Count(begun, "/"), 2) && strings.HasPrefix(t, begun) {
			found = append(found, t)
		}
	}
	return found
}

// completeOverride completes the ID of an override.
func (a *app) completeOverride(c *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return a.completed(c, func(ctx context.Context, api *client) (ids []cobra.Completion) {
		list, _, _ := api.overrides(ctx)
		for i := range list {
			o := &list[i]
			ids = append(ids, cobra.CompletionWithDesc(o.ID, string(o.Action)+" "+visible(targetText(&o.Target)+": "+o.Reason)))
		}
		return ids
	})
}
