package browser_test

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
)

// Everything works without JavaScript.
func TestWithoutJavaScript(t *testing.T) {
	h := newHost(t).filled()
	b := newTab(t, h.base)
	_, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	require.NoError(t, err)
	b.open("webhooks")
	b.click("Add webhook")
	b.await("Add a webhook")
	b.fill("URL", h.good.URL)
	b.tick("all events")
	b.click("Save")
	b.await("only time it is shown")
	b.click("To the webhook")
	b.await("Settings")
	b.click("Send a test")
	b.await("Payload")
	b.click("Dead letters")
	b.await("Replay selected")
	require.NotContains(t, b.text(), "All on this page", "what needs a script is not shown")
	b.do(chromedp.Click(chromedp.CSS("tbody input")))
	b.click("Replay selected")
	b.await("One delivery is sent again.")
	b.click("Dead letters")
	b.await("replayed")
	b.click("Replay all that fit…")
	b.await("dead letters fit.")
	b.click("Replay them")
	b.await("That is all.")
}

// Everything works by keyboard alone, and what has the focus can be seen.
func TestKeyboard(t *testing.T) {
	h := newHost(t).filled()
	b := newTab(t, h.base)
	b.open("")
	b.press(kb.Tab)
	require.Equal(t, "Skip to content", b.focused())
	b.press(kb.Enter)
	require.Equal(t, "content", b.value(`document.activeElement.id`))

	b.open("logs")
	b.reach("Dead letters")
	b.press(kb.Enter)
	b.await("Replay selected")
	b.reach("Select contact.created")
	b.press(" ")
	b.reach("Replay selected")
	b.press(kb.Enter)
	b.await("One delivery is sent again.")

	b.open("webhooks/" + h.crm.ID)
	b.reach("Pause")
	b.press(kb.Enter)
	b.await("Paused. What is published meanwhile is held.")
	b.open("webhooks/new")
	b.reach("URL")
	b.press(h.good.URL)
	b.reach("message.status")
	b.press(" ")
	b.press(kb.Enter) // as in any form
	b.await("only time it is shown")
	n := 0
	for _, err := range h.org.Subscriptions(t.Context(), sender.SubscriptionQuery{}) {
		require.NoError(t, err)
		n++
	}
	require.Equal(t, 3, n)
}

func (b *tab) press(keys string) {
	b.Helper()
	b.do(chromedp.KeyEvent(keys))
}

// focused is the name of what has the focus.
func (b *tab) focused() string {
	b.Helper()
	return b.value(`(e => e.getAttribute("aria-label") || e.labels?.[0]?.innerText || e.innerText || "")(document.activeElement)`)
}

// reach goes on by tab until something has the focus, and looks whether that shows.
func (b *tab) reach(name string) {
	b.Helper()
	const most = 80
	for range most {
		b.press(kb.Tab)
		if at := b.focused(); len(at) >= len(name) && at[:len(name)] == name {
			require.Contains(b, b.value(`getComputedStyle(document.activeElement).outlineStyle`), "solid", "%s has the focus", name)
			return
		}
	}
	require.FailNow(b, "not reached by tab", name)
}
