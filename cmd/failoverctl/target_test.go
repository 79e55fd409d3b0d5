package main

import (
	"strings"
	"testing"

	"github.com/coredns-failover/failover/plugin/override"
)

func TestReadTarget(t *testing.T) {
	for in, want := range map[string]override.Target{
		"App.example.org":                {Record: "app.example.org."},
		"app.example.org./primary":       {Record: "app.example.org.", Pool: "primary"},
		"app.example.org/primary/b":      {Record: "app.example.org.", Pool: "primary", Endpoint: "b"},
		"app.example.org/p/2001:db8::1":  {Record: "app.example.org.", Pool: "p", Endpoint: "2001:db8::1"},
		"*.apps.example.org":             {Record: "*.apps.example.org."},
		"192.0.2.10":                     {Address: "192.0.2.10"},
		"2001:DB8::1":                    {Address: "2001:db8::1"},
		"[2001:db8::1]":                  {Address: "2001:db8::1"},
		"::ffff:192.0.2.10":              {Address: "192.0.2.10"},
		"app.example.org/p/a/with/slash": {Record: "app.example.org.", Pool: "p", Endpoint: "a/with/slash"},
	} {
		if got, err := readTarget(in); err != nil || got != want {
			t.Errorf("%s: got %+v, %v", in, got, err)
		}
	}
	for in, want := range map[string]string{
		"192.0.2.0/24": "expected an address, not a network",
		"":             "expected RECORD[/POOL[/ENDPOINT]] or an address",
		"app//b":       "expected RECORD[/POOL[/ENDPOINT]] or an address",
		"app/":         "expected RECORD[/POOL[/ENDPOINT]] or an address",
		"/primary":     "expected RECORD[/POOL[/ENDPOINT]] or an address",
	} {
		if got, err := readTarget(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %+v, %v", in, got, err)
		}
	}
}

func TestTargetText(t *testing.T) {
	for want, target := range map[string]override.Target{
		"2001:db8::1":        {Address: "2001:db8::1"},
		"a.":                 {Record: "a."},
		"a./p/e at s view v": {Record: "a.", Pool: "p", Endpoint: "e", Server: "s", View: "v"},
	} {
		if got := targetText(&target); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
