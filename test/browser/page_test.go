package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// looks are those from a phone to a wide screen, in the light and in the dark.
func looks(widths ...int64) (all []look) {
	for _, width := range widths {
		all = append(all, look{width, false, true}, look{width, true, true})
	}
	return all
}

// Nothing has to be scrolled sideways, and everything is there. With FAILOVER_PICTURES=DIR
// the pictures are kept.
func TestPageFits(t *testing.T) {
	b, s := newTab(t), startSite(t)
	for _, l := range looks(320, 500, 800, 1280) {
		b.open(s, l)
		if width := eval[int64](b, "document.documentElement.scrollWidth"); width > l.width {
			t.Errorf("%+v: the page is %d px wide", l, width)
		}
		text := run(b, chromedp.Text("main"))
		for _, want := range []string{"app.example.org.", "failed over", "degraded", `<b>markup</b> & "quotes"`, "connection refused"} {
			if !strings.Contains(text, want) {
				t.Errorf("%+v: %q is not there", l, want)
			}
		}
		if dir := os.Getenv("FAILOVER_PICTURES"); dir != "" {
			name := filepath.Join(dir, fmt.Sprintf("page-%d-dark-%t.png", l.width, l.dark))
			if err := os.WriteFile(name, run(b, chromedp.FullScreenshot(100)), 0o600); err != nil {
				t.Error(err)
			}
		}
	}
}

// Without scripts the page says everything, and its filter works.
func TestPageWithoutScripts(t *testing.T) {
	b, s := newTab(t), startSite(t)
	b.open(s, look{width: 800})
	if updates := run(b, chromedp.Text("#updates")); !strings.Contains(updates, "Reload") {
		t.Errorf("it says %q of updates", updates)
	}
	b.do(chromedp.SendKeys("#q", "shop"), chromedp.Submit("#q"), chromedp.WaitNotPresent("#record-1"))
	if text := run(b, chromedp.Text("#record-0")); !strings.Contains(text, "shop.example.org.") {
		t.Errorf("the filter shows %q", text)
	}
}

// With scripts what happens is seen without a reload, and a link keeps its focus.
func TestPageFollows(t *testing.T) {
	b, s := newTab(t), startSite(t)
	b.open(s, look{width: 1280, scripts: true})
	b.do(chromedp.Focus(`a[href="/?state=ok"]`))
	s.override(t, `{"record":"app.example.org","pool":"secondary","endpoint":"127.0.0.2","action":"up","reason":"seen live"}`)
	deadline := time.Now().Add(time.Minute)
	for !strings.Contains(run(b, chromedp.Text("main")), "seen live") {
		if time.Now().After(deadline) {
			t.Fatal("the override is never seen")
		}
		time.Sleep(100 * time.Millisecond)
	}
	if focus := eval[string](b, `document.activeElement.getAttribute("href") || ""`); focus != "/?state=ok" {
		t.Errorf("the focus is on %q", focus)
	}
}

// Who uses a keyboard comes first to the link that skips to the records, then to the rest
// in the order of the page.
func TestPageByKeyboard(t *testing.T) {
	b, s := newTab(t), startSite(t)
	b.open(s, look{width: 1280, scripts: true})
	var got []string
	for range 5 {
		b.do(chromedp.KeyEvent("\t"))
		got = append(got, eval[string](b, `document.activeElement.getAttribute("href") || document.activeElement.id`))
	}
	if want := []string{"#records", "/", "/?state=ok", "/?state=failed_over", "/?state=degraded"}; !slices.Equal(got, want) {
		t.Errorf("the focus goes %q, want %q", got, want)
	}
}

// axe finds nothing that keeps somebody out.
func TestPageIsAccessible(t *testing.T) {
	axe, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("axe-core is not installed here: npm install --no-save axe-core")
	}
	b, s := newTab(t), startSite(t)
	for _, l := range looks(320, 1280) {
		b.open(s, l)
		b.do(chromedp.Evaluate[chromedp.Void](string(axe)))
		found := eval[[]string](b, `axe.run().then(r => r.violations.map(v =>
			v.id + ": " + v.help + ": " + v.nodes.map(n => n.html + " " + n.failureSummary).slice(0, 3).join(" ")))`)
		for _, v := range found {
			t.Errorf("%+v: %s", l, v)
		}
	}
}
