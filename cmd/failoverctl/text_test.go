package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"plain é 日本":      "plain é 日本",
		"a\x1b[31mb":      `a\x1b[31mb`,
		"line\nbreak\r\t": `line\nbreak\r\t`,
		"a\u202eb\u2066":  `a\u202eb\u2066`,
		"\u009b\u200b":    `\u009b\u200b`,
		"\xff\x00'":       `\xff\x00'`,
	} {
		if got := visible(in); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

func TestVisibleJSON(t *testing.T) {
	const text = "a\u202eb \u009b \U000e0001 é"
	in, _ := json.Marshal(text)
	got := visibleJSON(in)
	if want := `"a\u202eb \u009b \udb40\udc01 é"`; string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
	var back string
	if err := json.Unmarshal(got, &back); err != nil || back != text {
		t.Errorf("it reads as %q: %v", back, err)
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"short", []string{"short"}},
		{"connect: connection refused", []string{"connect:", "connection", "refused"}},
		{"a-long-name.example.org.", []string{"a-long-name.", "example.org."}},
		{strings.Repeat("x", 26), []string{"xxxxxxxxxxxx", "xxxxxxxxxxxx", "xx"}},
		{"日本日本日本日本", []string{"日本日本日本", "日本"}},
		{"", []string{""}},
	} {
		if got := wrap(c.text, 12, 12); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.text, got, c.want)
		}
	}
	if got := wrap("one two three", 20, 20); len(got) != 1 {
		t.Errorf("got %q", got)
	}
	if got := wrap("0123456789 12345678", 12, 8); !slices.Equal(got, []string{"0123456789", "12345678"}) {
		t.Errorf("got %q", got)
	}
}

func TestCut(t *testing.T) {
	for in, want := range map[string]string{
		"12345678":         "12345678",
		"123456789":        "1234…789",
		"abcdefghijklmnop": "abcd…nop",
		"日本日本日本":           "日本…本",
	} {
		if got := cut(in, 8); got != want || cellsOf(got) > 8 {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

func TestColours(t *testing.T) {
	p := &printer{w: new(buffer), width: 80, colours: true}
	p.line(0, "down since then")
	tab := table{columns: []column{{title: "STATE"}, {title: "X", flexible: true}}}
	tab.add(nil, "ok", "why")
	tab.print(p)
	const want = "\x1b[31mdown\x1b[0m since then\nSTATE  X\n\x1b[32mok\x1b[0m     why\n"
	if got := p.w.(*buffer).String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
