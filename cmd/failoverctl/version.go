package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version of failoverctl", Args: cobra.NoArgs,
		Long: `version needs no server.`,
		RunE: func(*cobra.Command, []string) error {
			version := "unknown"
			if info, ok := debug.ReadBuildInfo(); ok {
				version = info.Main.Version
			}
			if !a.json() {
				fmt.Fprintf(a.out.w, "failoverctl %s %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
				return nil
			}
			text, err := json.Marshal(map[string]string{"version": version, "goversion": runtime.Version()})
			a.out.raw(text)
			return err
		},
	}
}
