// Command failoverctl shows and steers a running server through the API of the plugin
// failover. Each command is in a file of its own; its help is the manual.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// The exit statuses.
const (
	exitDone   = 0
	exitNo     = 1 // the answer is no: the server refuses, or something is degraded
	exitFailed = 2 // something went wrong
)

func main() {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	context.AfterFunc(ctx, stop) // a second signal ends the process
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run runs a command line and returns its exit status. A command that waits ends with ctx.
func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	root := newRoot(newPrinter(out), newPrinter(errOut))
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errOut)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	fmt.Fprintf(errOut, "failoverctl: %s\n", visibleLines(strings.ReplaceAll(err.Error(), "\t", "  ")))
	if no := (*refusal)(nil); errors.As(err, &no) || statusOf(err) == http.StatusConflict {
		return exitNo
	}
	return exitFailed
}

// A refusal is an error that ends with exitNo.
type refusal struct{ text string }

func (r *refusal) Error() string { return r.text }

func refuse(format string, v ...any) error { return &refusal{fmt.Sprintf(format, v...)} }
