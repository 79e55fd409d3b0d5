package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// An app is what the commands share.
type app struct {
	out, err *printer
	server   string // of the records that are meant, "" is all
	view     string
	options
}

// options are the flags of all commands.
type options struct {
	api, tokenFile, ca, cert, key, output string
}

const (
	defaultAPI   = "127.0.0.1:8053"
	apiVariable  = "FAILOVER_API"
	fileVariable = "FAILOVER_TOKEN_FILE"
)

const about = `failoverctl shows and steers a running server through the API of failover.

It talks to the address that the property "api" has in the server's Corefile.

An override is your word against that of the probes: a machine is out of service,
a pool answers, a name is frozen. Each has a reason and an end, one hour from now
unless --for or --forever says otherwise. "remove" ends it earlier.`

const examples = `  failoverctl status                      # all names; which are not well, why
  failoverctl status app.example.org      # one name, with its endpoints
  failoverctl explain app.example.org AAAA --client 192.0.2.1
  failoverctl drain app.example.org/primary/192.0.2.10 --reason "new disk"
  failoverctl down 192.0.2.10 --reason "new disk" --for 2h --dry-run
  failoverctl use app.example.org/secondary --reason "moving the primary"
  failoverctl overrides                   # what is set, with the IDs
  failoverctl remove ID                   # put it back
  failoverctl drill app.example.org       # fail over for 5 minutes, and back`

const statuses = `
Exit status: 0 done; 1 the answer is no (the server refuses a change, or with
"status --exit-code" something is degraded); 2 something went wrong.
Environment: ` + apiVariable + ` and ` + fileVariable + ` stand for --api and
--token-file; NO_COLOR switches colours off, which only a terminal gets.
`

// The groups of commands in the help.
const (
	groupSee    = "see"
	groupChange = "change"
)

// newRoot returns the command line.
func newRoot(out, errOut *printer) *cobra.Command {
	a := &app{out: out, err: errOut}
	root := &cobra.Command{
		Use: "failoverctl", Short: "Show and steer a running server through the API of failover", Long: filled(about), Example: examples,
		SilenceUsage: true, SilenceErrors: true, PersistentPreRunE: a.checkOptions,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".FlagUsages ", fmt.Sprintf(".FlagUsagesWrapped %d ", usualWidth)) + "{{if not .HasParent}}" + statuses + "{{end}}")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return wrongUsage(c, err) })
	f := root.PersistentFlags()
	f.StringVar(&a.api, "api", "", "the API: HOST:PORT, unix:PATH or https://HOST:PORT (default "+defaultAPI+")")
	f.StringVar(&a.tokenFile, "token-file", "", "a file with the token for the API")
	f.StringVar(&a.ca, "ca", "", "a file with the authorities that the API's certificate is verified with")
	f.StringVar(&a.cert, "cert", "", "a file with the client certificate")
	f.StringVar(&a.key, "key", "", "a file with its key")
	f.StringVarP(&a.output, "output", "o", "table", "table, or json: the answer of the API as it is")
	root.AddGroup(&cobra.Group{ID: groupSee, Title: "See:"}, &cobra.Group{ID: groupChange, Title: "Change:"})
	add(root, groupSee, a.statusCommand(), a.watchCommand(), a.explainCommand(), a.eventsCommand(), a.overridesCommand())
	add(root, groupChange, a.changeCommands()...)
	add(root, groupChange, a.removeCommand(), a.releaseCommand(), a.drillCommand(), a.beatCommand())
	add(root, "", a.versionCommand())
	root.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"table", "json"}, cobra.ShellCompDirectiveNoFileComp))
	return root
}

// add adds commands whose errors in arguments say how they are used.
func add(root *cobra.Command, group string, commands ...*cobra.Command) {
	for _, c := range commands {
		c.GroupID = group
		c.DisableFlagsInUseLine = true
		c.Long = filled(c.Long)
		accepts := c.Args
		c.Args = func(c *cobra.Command, args []string) error {
			if err := accepts(c, args); err != nil {
				return wrongUsage(c, err)
			}
			return nil
		}
	}
	root.AddCommand(commands...)
}

func wrongUsage(c *cobra.Command, err error) error {
	return fmt.Errorf("%w\nUsage: %s\n%q says more", err, c.UseLine(), c.CommandPath()+" --help")
}

// checkOptions takes options from the environment that are not given.
func (a *app) checkOptions(c *cobra.Command, _ []string) error {
	a.api = cmp.Or(a.api, os.Getenv(apiVariable), defaultAPI)
	if !slices.Contains([]string{"table", "json"}, a.output) {
		return wrongUsage(c, fmt.Errorf("--output %s: expected table or json", a.output))
	}
	if (a.cert == "") != (a.key == "") {
		return wrongUsage(c, fmt.Errorf("--cert and --key: expected both or none"))
	}
	return nil
}

// json reports whether the answers of the API are wanted as they are.
func (a *app) json() bool { return a.output == "json" }

// flagsOfPlace adds the flags that pick one of several records of a name.
func (a *app) flagsOfPlace(c *cobra.Command) {
	c.Flags().StringVar(&a.server, "server", "", "of the server block at this address alone, as status shows it")
	c.Flags().StringVar(&a.view, "view", "", "of this view alone")
}

// absolute returns a name as the API has it.
func absolute(name string) string {
	return strings.ToLower(strings.TrimSuffix(name, ".")) + "."
}
