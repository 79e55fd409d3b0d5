package main

import (
	"net/url"

	"github.com/spf13/cobra"

	"github.com/coredns-failover/failover/plugin/admin"
)

func (a *app) beatCommand() *cobra.Command {
	failed := ""
	c := &cobra.Command{
		Use: "beat NAME [--fail TEXT]", Short: "Say that a job is alive, for check heartbeat",
		Long: `beat is for cron and scripts; it prints nothing. With --fail the job says that it is
not well, and why.`,
		Example: `  backup && failoverctl beat nightly
  failoverctl beat nightly --fail "the disk is full"`,
		Args: cobra.ExactArgs(1), ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, args []string) error {
			api, err := a.connect()
			if err != nil {
				return err
			}
			ok := !c.Flags().Changed("fail")
			text, err := api.post(c.Context(), "/v1/heartbeats/"+url.PathEscape(args[0]), admin.BeatBody{OK: &ok, Reason: failed})
			return a.answer(text, err, func() error { return nil })
		},
	}
	c.Flags().StringVar(&failed, "fail", "", "why the job is not well")
	return c
}
