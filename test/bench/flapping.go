package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/coredns-failover/failover/test/flapping"
)

// compared are the properties of the settings to compare; nil is the defaults.
var compared = [][]string{
	nil,
	{"damping off"},
	{"interval 1s", "fast_interval 100ms", "fall 2"},
	{"interval 1s", "fast_interval 100ms", "fall 1"},
}

// printFlapping prints a table for each of compared.
func printFlapping(ctx context.Context) error {
	for _, properties := range compared {
		if err := ctx.Err(); err != nil {
			return err
		}
		spec, err := flapping.Settings(properties...)
		if err != nil {
			return err
		}
		name := "defaults"
		if len(properties) > 0 {
			name = strings.Join(properties, ", ")
		}
		fmt.Printf("\n%s:\n", name)
		if err := flapping.Print(os.Stdout, spec, time.Duration(*days)*24*time.Hour); err != nil {
			return err
		}
	}
	return nil
}
