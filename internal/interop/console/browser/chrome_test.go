// Package browser_test uses the console in Chromium as people do: every flow from end to end, by keyboard alone, on a
// phone, without JavaScript, and under axe-core's rules for accessibility.
package browser_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// chromium is the one browser of all tests, each of which has tabs in a profile of its own.
var chromium context.Context

func TestMain(m *testing.M) {
	os.Exit(withChromium(m))
}

func withChromium(m *testing.M) int {
	path := installed()
	if path == "" {
		return m.Run() // each test says that it is not run
	}
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"), chromedp.Flag("lang", "en-US"))
	allocator, end := chromedp.NewExecAllocator(context.Background(), flags...)
	defer end()
	var cancel context.CancelFunc
	chromium, cancel = chromedp.NewContext(allocator)
	defer cancel()
	if err := chromedp.Do(chromium); err != nil {
		fmt.Fprintln(os.Stderr, "Chromium did not start:", err)
		return 1
	}
	return m.Run()
}

func installed() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// action is something that the browser does and that gives nothing back.
type action = chromedp.Action[chromedp.Void]

// tab is a tab of the browser. What the browser complains of fails the test.
type tab struct {
	*testing.T
	ctx  context.Context
	base string
	mu   sync.Mutex
	said []string
}

// newTab opens an empty tab. base is the address of the console.
func newTab(t *testing.T, base string, first ...action) *tab {
	t.Helper()
	if testing.Short() {
		t.Skip("drives a browser")
	}
	if chromium == nil {
		if os.Getenv("CI") != "" {
			t.Fatal("Chromium is not installed; CI needs it")
		}
		t.Skip("NOT RUN: Chromium is not installed")
	}
	b := &tab{T: t, base: base}
	ctx, cancel := chromedp.NewContext(chromium, chromedp.WithNewBrowserContext(), chromedp.WithListener(b.hear))
	t.Cleanup(cancel)
	require.NoError(t, chromedp.Do(ctx))
	var stop context.CancelFunc
	b.ctx, stop = context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(stop)
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		require.Empty(t, b.said, "the browser complained")
	})
	_, err := chromedp.Call(b.ctx, log.Enable, cdp.Empty{})
	require.NoError(t, err)
	b.do(chromedp.EmulateViewport(1280, 900))
	b.do(first...)
	return b
}

// hear notes what the console of the browser shows as an error: scripts that fail, and what the policy of a page stopped.
func (b *tab) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.said = append(b.said, e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		// That an answer is a 4xx is no fault of the page.
		if e.Entry.Level == log.EntryLevelError && !strings.Contains(e.Entry.Text, "responded with a status of 4") {
			b.said = append(b.said, e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

func (b *tab) do(actions ...action) {
	b.Helper()
	require.NoError(b, chromedp.Do(b.ctx, actions...))
}

// open loads a page below the console.
func (b *tab) open(path string) {
	b.Helper()
	b.do(chromedp.Navigate(b.base + path))
}

// await waits until a page shows a text. A page may be on its way out while it is asked.
func (b *tab) await(text string) {
	b.Helper()
	shown := ""
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		got, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](visibleText))
		if err == nil {
			shown = got
		}
		if strings.Contains(shown, text) {
			return
		}
		b.do(chromedp.Sleep(10 * time.Millisecond))
	}
	require.FailNow(b, "never shown", "%q; there is: %s", text, shown)
}

const visibleText = `(document.readyState == "complete" && document.body || {innerText: ""}).innerText.replace(/\s+/g, " ")`

// value evaluates an expression that gives a text.
func (b *tab) value(expression string) string {
	b.Helper()
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](expression))
	require.NoError(b, err)
	return text
}

// click clicks the link or button with a text.
func (b *tab) click(text string) {
	b.Helper()
	b.do(chromedp.Click(chromedp.Search(fmt.Sprintf(
		`//main//*[self::a or self::button or self::summary][normalize-space()=%q][not(@aria-hidden)]`+
			` | //nav//a[normalize-space()=%[1]q]`, text)), chromedp.NodeVisible))
}

// field is the XPath of a field by its label.
func field(label string) chromedp.Search {
	return chromedp.Search(fmt.Sprintf(`//label[starts-with(normalize-space(), %q)]//*[self::input or self::select or self::textarea] | `+
		`//*[@aria-label=%[1]q]`, label))
}

func (b *tab) fill(label, text string) {
	b.Helper()
	b.do(chromedp.Clear(field(label)), chromedp.SendKeys(field(label), text))
}

// choose picks an option by its text.
func (b *tab) choose(label, option string) {
	b.Helper()
	b.do(chromedp.SendKeys(field(label), option))
}

// tick clicks a box by its label.
func (b *tab) tick(label string) {
	b.Helper()
	b.do(chromedp.Click(field(label), chromedp.NodeVisible))
}

// picture keeps a screenshot where whoever runs the test asks for it. README.md shows overview.png, as
// .github/console.png; the others stay out of the repository.
func (b *tab) picture(name string) {
	b.Helper()
	dir := os.Getenv("KIRIMHOOKS_SCREENSHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	require.NoError(b, err)
	require.NoError(b, os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644))
}

var reload = chromedp.Reload()

func (b *tab) text() string {
	b.Helper()
	return b.value(visibleText)
}
