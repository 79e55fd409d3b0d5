package main

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/coredns-failover/failover/plugin/admin"
)

func (a *app) explainCommand() *cobra.Command {
	from := ""
	c := &cobra.Command{
		Use: "explain NAME [TYPE] [--client IP]", Short: "Say what a query is answered with, and why",
		Long: `explain runs the code that answers queries, for this client, and says what each stage
of the decision saw and did. NAME may be one that a wildcard covers; TYPE is A
unless it is given; --client is the address that asks, else yours.`,
		Args: cobra.RangeArgs(1, 2), ValidArgsFunction: a.completeRecord,
		RunE: func(c *cobra.Command, args []string) error {
			api, err := a.connect()
			if err != nil {
				return err
			}
			text, err := api.get(c.Context(), "/v1/explain?"+a.question(c, args, from).Encode())
			return a.answer(text, api.suggest(c.Context(), args[0], err), func() error {
				e, err := decode[admin.Explanation](text)
				if err == nil {
					a.printExplanation(&e)
				}
				return err
			})
		},
	}
	c.Flags().StringVar(&from, "client", "", "the address that asks")
	a.flagsOfPlace(c)
	return c
}

// question returns the parameters of explain. A view of "" is one too: outside of views.
func (a *app) question(c *cobra.Command, args []string, from string) url.Values {
	q := url.Values{"name": {args[0]}}
	if len(args) > 1 {
		q.Set("type", strings.ToUpper(args[1]))
	}
	if from != "" {
		q.Set("client", from)
	}
	if a.server != "" {
		q.Set("server", a.server)
	}
	if c.Flags().Changed("view") {
		q.Set("view", a.view)
	}
	return q
}

func (a *app) printExplanation(e *admin.Explanation) {
	a.out.line(0, "%s %s asked by %s at %s:", e.Name, e.Type, e.Client, place(e.Server, e.View))
	text := fmt.Sprintf("%s, TTL %d", e.Rcode, e.TTL)
	if e.Rcode == "NOERROR" && len(e.Answer) == 0 {
		text = fmt.Sprintf("no %s records (NODATA), TTL %d", e.Type, e.TTL)
	}
	if e.Record != "" && e.Record != e.Name {
		text += ", by the record " + e.Record
	}
	if e.Error != "" {
		text += ", " + e.Error
	}
	a.out.line(2, "%s", text)
	for _, rr := range e.Answer {
		a.out.line(4, "%s", strings.ReplaceAll(rr, "\t", " "))
	}
	t := table{columns: []column{{title: "STAGE", most: 14}, {title: "RESULT: REASON", flexible: true}}}
	for _, s := range e.Stages {
		t.add(nil, s.Stage, strings.TrimSuffix(s.Result+": "+s.Reason, ": "))
	}
	t.print(a.out)
}
