package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/coredns-failover/failover/plugin/admin"
)

func (a *app) releaseCommand() *cobra.Command {
	return &cobra.Command{
		Use: "release NAME", Short: "Let a pool answer again that failback holds back",
		Long: `release ends now what the property "failback" has wait. It ends with status 1 if
nothing is held back.`,
		Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeRecord,
		RunE: func(c *cobra.Command, args []string) error {
			api, err := a.connect()
			if err != nil {
				return err
			}
			text, err := api.post(c.Context(), recordPath(args[0])+"/release", struct{}{})
			return a.answer(text, api.suggest(c.Context(), args[0], err), func() error {
				list, err := decode[admin.RecordList](text)
				for i := range list.Records {
					r := &list.Records[i]
					a.out.line(0, "%s: %s, pool %s since %s", title(r, len(list.Records) > 1), r.State, r.Pool, clock(r.Since, time.Now()))
				}
				return err
			})
		},
	}
}
