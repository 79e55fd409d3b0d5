package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/coredns-failover/failover/plugin/admin"
	"github.com/coredns-failover/failover/plugin/override"
)

func (a *app) overridesCommand() *cobra.Command {
	return &cobra.Command{
		Use: "overrides", Short: "List what is overridden, until when, by whom and why", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			api, err := a.connect()
			if err != nil {
				return err
			}
			list, text, err := api.overrides(c.Context())
			return a.answer(text, err, func() error {
				a.printOverrides(list)
				return nil
			})
		},
	}
}

// overrides returns all overrides, and the answer as it is.
func (c *client) overrides(ctx context.Context) ([]override.Override, []byte, error) {
	text, err := c.get(ctx, changesPath)
	if err != nil {
		return nil, text, err
	}
	list, err := decode[admin.OverrideList](text)
	return list.Overrides, text, err
}

func (a *app) printOverrides(list []override.Override) {
	if len(list) == 0 {
		a.out.line(0, "There are no overrides.")
		return
	}
	t := table{columns: []column{{title: "ID", most: 16}, {title: "ACTION"}, {title: "ENDS"}, {title: "TARGET", flexible: true}}}
	now := time.Now()
	for i := range list {
		o := &list[i]
		ends := "never"
		if o.Expires != nil {
			ends = "in " + span(o.Expires.Sub(now))
		}
		why := fmt.Sprintf("%s (%s, %s)", o.Reason, o.Actor, clock(o.Created, now))
		if o.Local {
			why += "; it holds at this server alone"
		}
		t.add([]string{why}, o.ID, string(o.Action), ends, targetText(&o.Target))
	}
	t.print(a.out)
}

func (a *app) removeCommand() *cobra.Command {
	return &cobra.Command{
		Use: "remove ID...", Short: "End overrides now, and so put back what they changed",
		Long: `remove ends overrides. "failoverctl overrides" lists them with their IDs.`,
		Args: cobra.MinimumNArgs(1), ValidArgsFunction: a.completeOverride,
		RunE: func(c *cobra.Command, args []string) error {
			api, err := a.connect()
			if err != nil {
				return err
			}
			var failures []error
			for _, id := range args {
				failures = append(failures, a.remove(c.Context(), api, id))
			}
			return errors.Join(failures...)
		},
	}
}

func (a *app) remove(ctx context.Context, api *client, id string) error {
	text, err := api.call(ctx, http.MethodDelete, changesPath+"/"+url.PathEscape(id), nil)
	return a.answer(text, err, func() error {
		a.out.line(0, "%s is removed.", id)
		return nil
	})
}
