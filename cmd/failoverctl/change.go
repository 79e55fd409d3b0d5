package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/coredns-failover/failover/plugin/override"
	"github.com/coredns-failover/failover/plugin/pool"
)

const changesPath = "/v1/overrides"

// A change is a command that sets overrides.
type change struct {
	*app
	action pool.Action
	reason string
	length string
	override.Request
	forever bool
	needs   func(*override.Target) error // nil takes all targets
}

const targetHelp = `
TARGET is RECORD, RECORD/POOL, RECORD/POOL/ENDPOINT (its name or address), or an
address, which means every endpoint that has it. Quote a wildcard for the shell:
'*.apps.example.org'. Several are changed together or not at all.

--dry-run shows what clients would get. The override ends by itself after --for
(one hour), or earlier with "failoverctl remove ID".`

// changeCommands returns the commands that set overrides.
func (a *app) changeCommands() []*cobra.Command {
	return []*cobra.Command{
		a.changeCommand("drain TARGET...", "Take pools or endpoints out of answers gently", pool.Drain,
			`drain leaves an endpoint out of answers while its pool has another healthy one of
its family, and ranks a pool behind every other healthy one. It never empties an
answer.`, needsPart),
		a.changeCommand("down TARGET...", "Treat pools or endpoints as down", pool.ForceDown,
			`down counts endpoints or pools as failed, whatever their probes say, until it ends.`, needsPart),
		a.changeCommand("up TARGET...", "Treat pools or endpoints as up", pool.ForceUp,
			`up counts endpoints or pools as healthy, whatever their probes say, until it ends.
To put back what "down" or "drain" did, use "failoverctl remove ID" instead.`, needsPart),
		a.changeCommand("use RECORD/POOL...", "Let a pool answer", pool.Use,
			`use lets this pool answer, whatever probes say and other pools are doing.`, needsPool),
		a.changeCommand("freeze RECORD...", "Keep the answers of a name as they are", pool.Freeze,
			`freeze keeps answers as they are now, against probes and other overrides.`, needsRecord),
	}
}

func (a *app) changeCommand(use, short string, action pool.Action, long string, needs func(*override.Target) error) *cobra.Command {
	ch := &change{app: a, action: action, needs: needs}
	c := &cobra.Command{
		Use: use + " --reason TEXT [--for D|--forever] [flags]", Short: short, Long: long + "\n" + targetHelp,
		Args: cobra.MinimumNArgs(1), ValidArgsFunction: a.completeTarget,
		RunE: func(c *cobra.Command, args []string) error {
			if err := ch.read(args); err != nil {
				return wrongUsage(c, err)
			}
			return ch.run(c.Context())
		},
	}
	f := c.Flags()
	f.StringVar(&ch.reason, "reason", "", "why; it is shown wherever the override is (required)")
	f.StringVar(&ch.length, "for", "", "how long, such as 90m; at most 24h (default 1h)")
	f.BoolVar(&ch.forever, "forever", false, "until it is removed")
	f.BoolVar(&ch.DryRun, "dry-run", false, "say what would change, and change nothing")
	f.BoolVar(&ch.Force, "force", false, "even if nothing healthy is left to answer")
	a.flagsOfPlace(c)
	return c
}

// read reads the targets.
func (ch *change) read(args []string) error {
	if strings.TrimSpace(ch.reason) == "" {
		return errors.New("expected --reason TEXT: say why")
	}
	if ch.forever && ch.length != "" {
		return errors.New("expected --for or --forever, not both")
	}
	length, err := readLength(ch.length)
	if err != nil {
		return err
	}
	for _, s := range args {
		t, err := readTarget(s)
		if err != nil {
			return err
		}
		if err := ch.needs(&t); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
		t.Server, t.View = ch.server, ch.view
		ch.Changes = append(ch.Changes, override.Change{
			Target: t, Action: ch.action, Reason: ch.reason, Author: author(), For: length, Forever: ch.forever,
		})
	}
	return nil
}

func needsPart(t *override.Target) error {
	if t.Address == "" && t.Pool == "" {
		return errors.New("expected RECORD/POOL, RECORD/POOL/ENDPOINT or an address")
	}
	return nil
}

func needsPool(t *override.Target) error {
	if t.Pool == "" || t.Endpoint != "" {
		return errors.New("expected RECORD/POOL")
	}
	return nil
}

func needsRecord(t *override.Target) error {
	if t.Address != "" || t.Pool != "" {
		return errors.New("expected RECORD")
	}
	return nil
}

// readLength returns a duration, or bare seconds, as the API reads it; "" stays "".
func readLength(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		d, err = time.ParseDuration(s + "s")
	}
	if err != nil || d <= 0 || d > override.MaxFor {
		return "", fmt.Errorf("--for %s: expected a duration such as 90m, at most %s", s, span(override.MaxFor))
	}
	return d.String(), nil
}

// author returns the name of the user.
func author() string {
	name := os.Getenv("USER")
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	printable := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, name)
	return cut(printable, override.MaxText)
}

// run asks for the change, and prints what comes of it.
func (ch *change) run(ctx context.Context) error {
	api, err := ch.connect()
	if err != nil {
		return err
	}
	text, err := api.post(ctx, changesPath, &ch.Request)
	if err != nil {
		err = ch.explainRefusal(ctx, api, err)
	}
	return ch.answer(text, err, func() error {
		answer, err := decode[override.Answer](text)
		if err != nil {
			return err
		}
		ch.printAnswer(&answer)
		return nil
	})
}

func (ch *change) printAnswer(answer *override.Answer) {
	now := time.Now()
	if ch.DryRun {
		ch.out.line(0, "Dry run: nothing is changed.")
	} else {
		for i := range answer.Overrides {
			o := &answer.Overrides[i]
			ch.out.line(0, "%s: %s %s %s", o.ID, o.Action, targetText(&o.Target), until(o.Expires, now))
		}
		ch.out.line(0, "\"failoverctl remove ID\" ends it earlier.")
	}
	ch.out.printEffects(answer.Effects)
	if len(answer.Effects) == 0 && ch.action == pool.Drain {
		ch.out.line(0, "An endpoint drains only while its pool has another healthy one of its family, and a pool while another is healthy; \"down\" takes it out all the same.")
	}
}
