package browser_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// axe is the text of axe-core, as package-lock.json names it.
func axe(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("npm"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("npm is not installed; CI needs it")
		}
		t.Skip("NOT RUN: npm is not installed")
	}
	dir := t.TempDir()
	for _, name := range []string{"package.json", "package-lock.json"} {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
	// From npm's cache, so that the test stays on this machine. Where it has never been filled, npm fetches once.
	if out, err := npmCI(t, dir, "--offline"); err != nil {
		t.Logf("npm has not cached what package-lock.json names, and fetches it: %s", out)
		out, err = npmCI(t, dir, "--prefer-offline")
		require.NoError(t, err, "npm ci: %s", out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"))
	require.NoError(t, err)
	return string(text)
}

func npmCI(t *testing.T, dir, mode string) (output []byte, err error) {
	install := exec.CommandContext(t.Context(), "npm", "ci", mode, "--ignore-scripts", "--no-audit", "--no-fund")
	install.Dir = dir
	return install.CombinedOutput()
}

// pages are all that there are, below the console.
func (h *host) pages() map[string]string {
	h.Helper()
	pages := map[string]string{
		"overview": "", "webhooks": "webhooks", "webhook": "webhooks/" + h.broken.ID, "new": "webhooks/new",
		"kirisan": "webhooks/new?contract=kirisan", "edit": "webhooks/" + h.crm.ID + "/edit",
		"delete": "webhooks/" + h.crm.ID + "/delete", "test": "test?webhook=" + h.crm.ID, "logs": "logs", "events": "events",
		"dead": "dead", "preview": "dead/all", "missing": "nothing", "filtered": "logs?since=x&kind=live",
	}
	for d, err := range h.org.Deliveries(h.Context(), deadOnes) {
		require.NoError(h, err)
		pages["delivery"], pages["event"] = "logs/"+d.ID, "events/one?id="+d.EventID
	}
	return pages
}

// violation is a rule that a page breaks.
type violation struct {
	ID, Help string
	Nodes    []struct{ HTML, FailureSummary string }
}

// check fails the test for each rule that the page, as it is, breaks.
func (b *tab) check(axe, name string) {
	b.Helper()
	for _, v := range b.violations(axe) {
		b.Errorf("%s: %s: %s", name, v.ID, v.Help)
		for _, n := range v.Nodes {
			b.Logf("  %s\n    %s", n.HTML, strings.ReplaceAll(n.FailureSummary, "\n", "\n    "))
		}
	}
}

func (b *tab) violations(axe string) (list []violation) {
	b.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](axe + `;undefined`))
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](
		`axe.run({resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations))`, chromedp.EvalAwaitPromise))
	require.NoError(b, err)
	require.NoError(b, json.Unmarshal([]byte(found), &list))
	return list
}

// Every page passes axe-core's rules, in both schemes of colours, on a large screen and on a phone.
func TestAccessibility(t *testing.T) {
	h := newHost(t).filled()
	rules := axe(t)
	b := newTab(t, h.base)
	b.open("")
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("h1").replaceWith(document.createElement("button"))`))
	require.NotEmpty(t, b.violations(rules), "the rules find what is planted")
	for _, scheme := range []string{"light", "dark"} {
		_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		require.NoError(t, err)
		for _, width := range []int64{1280, 390} {
			b.do(chromedp.EmulateViewport(width, 900))
			for name, path := range h.pages() {
				b.open(path)
				// All of it, what is folded away too.
				b.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("details").forEach(d => d.open = true)`))
				b.check(rules, name+" "+scheme)
			}
			if width == 1280 {
				b.open("")
				b.picture("overview-" + scheme)
			}
		}
	}
}
