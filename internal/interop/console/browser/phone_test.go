package browser_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
)

var deadOnes = sender.DeliveryQuery{States: []sender.State{sender.StateDead}}

// fits requires that nothing makes a page wider than its window.
func (b *tab) fits(name string) {
	b.Helper()
	wide := b.value(`(() => {
		const width = document.documentElement.clientWidth;
		if (document.documentElement.scrollWidth <= width) return "";
		return [...document.querySelectorAll("main *, header *")].filter(e => e.getBoundingClientRect().right > width + 1)
			.map(e => e.outerHTML.slice(0, 120)).join("\n");
	})()`)
	require.Empty(b, wide, "%s is wider than its window", name)
}

// Every page can be read on a phone without scrolling sideways.
func TestPhone(t *testing.T) {
	h := newHost(t).filled()
	b := newTab(t, h.base, chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile))
	for name, path := range h.pages() {
		b.open(path)
		b.fits(name)
		b.picture("phone-" + name)
	}
	b.open("")
	b.click("Dead letters")
	b.await("Replay selected")
	b.tick("All on this page")
	b.click("Replay selected")
	b.await("2 deliveries are sent again.")
}

// Texts from outside are shown as what they are, and break no page, however long.
func TestHostileTexts(t *testing.T) {
	const evil = `"><script>document.title="broken into"</script><img src=x onerror='document.title="broken into"'>`
	h := newHost(t)
	long := strings.Repeat("W", 900)
	h.broken = h.subscribe(sender.Subscription{
		Name: evil + long[:800], Description: long, URL: h.bad.URL + "/" + strings.Repeat("a", 1500), Events: []string{"*", strings.Repeat("e", 128)},
		Headers: map[string]string{strings.Repeat("X", 100): "x"},
	})
	h.crm = h.subscribe(sender.Subscription{Name: strings.Repeat("\u202e", 30) + long, URL: h.bad.URL, Events: []string{"*"}})
	h.send(envelope.Event{Source: envelope.Kirim, Body: []byte(
		`{"id":"` + strings.Repeat("i", 255) + `","type":"` + strings.Repeat("t", 128) + `","data":{"` + long + `":"</pre></details></main><script>"}}`)})
	h.send(envelope.Event{Source: envelope.Kirim, Body: []byte(`{"id":"<script>","type":"'><b>","data":{}}`)})
	h.settled()
	for _, err := range h.org.RetryAllNow(t.Context(), sender.DeliveryQuery{}) {
		require.NoError(t, err)
	}
	eventually(t, func() bool { return h.count(sender.StateDead) == 4 })
	b := newTab(t, h.base)
	for _, width := range []int64{1280, 390} {
		b.do(chromedp.EmulateViewport(width, 844))
		for name, path := range h.pages() {
			b.open(path)
			b.fits(name)
			require.Equal(t, "1", b.value(`String(document.scripts.length)`), name)
			require.Equal(t, "0", b.value(`String(document.querySelectorAll("main b, main img").length)`), name)
			require.NotEqual(t, "broken into", b.value(`document.title`))
			if width == 390 {
				b.picture("hostile-" + name)
			}
		}
	}
}
