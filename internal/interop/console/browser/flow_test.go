package browser_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
)

// A webhook is added, tested, edited, paused and deleted; its secret is shown once.
func TestWebhookFromEndToEnd(t *testing.T) {
	h := newHost(t)
	b := newTab(t, h.base)
	b.open("")
	b.click("Webhooks")
	b.await("No webhook yet.")
	b.click("Add webhook")
	b.await("Add a webhook")
	b.fill("URL", h.good.URL)
	b.fill("Name", "Orders")
	b.tick("contact.created")
	b.tick("message.status")
	b.click("Save")
	b.await("only time it is shown")
	require.Regexp(t, `^whsec_`, b.value(`document.getElementById("secret").value`))
	b.click("To the webhook")
	b.await("Nothing has been sent to it yet.")

	b.click("Send a test")
	b.await("Show payload")
	b.choose("Event type", "contact.created")
	b.click("Show payload")
	b.await(`"type": "contact.created"`)
	b.click("Send to Orders")
	b.await("What came of it")
	b.await("Delivered")
	b.await("200")
	b.click("Show in the log")
	b.await("delivered at attempt 1")

	b.click("Webhooks")
	b.await("100 %")
	b.click("Orders")
	b.await("Settings")
	b.click("Edit")
	b.await("Edit webhook")
	b.fill("Name", "Orders and returns")
	b.fill("URL", h.bad.URL)
	b.click("Save")
	b.await("another host")
	b.tick("Yes, it knows the secret already")
	b.click("Save")
	b.await("Saved.")
	b.await(h.bad.URL)
	b.click("Pause")
	b.await("Paused. What is published meanwhile is held.")
	b.click("Resume")
	b.await("Active again.")
	b.click("New secret")
	b.await("signs from the next attempt on")
	b.click("To the webhook")
	b.await("End the overlap")
	b.click("End the overlap")
	b.await("The newest secret alone signs now.")
	b.click("Delete")
	b.await("Delete Orders and returns?")
	b.click("Delete")
	b.await("No webhook yet.")
}

// An endpoint of Kirisan names devices, refuses what their channels lack, and becomes active by a test.
func TestEndpointOfKirisan(t *testing.T) {
	h := newHost(t)
	b := newTab(t, h.base)
	b.open("webhooks/new")
	b.click("kirisan")
	b.await("incoming_message")
	b.fill("URL", h.good.URL)
	b.fill("Number or bot", "6281")
	b.choose("Channel", "whatsapp")
	b.tick("incoming_message")
	b.tick("message_status")
	b.click("Save")
	b.await(`kirisan has no "message_status" on the channels of these devices`)
	b.tick("message_status")
	b.click("Save")
	b.await("It becomes active once a test succeeds.")
	b.click("Send a test")
	b.await(`"device": "6281"`)
	b.await("This webhook becomes active once a test succeeds.")
	b.picture("test")
	b.click("Send to " + b.value(`document.querySelector("select[name=webhook]").selectedOptions[0].text`))
	b.await("What came of it")
	b.click("Webhooks")
	b.await("Active")
}

// What failed is found by filters, explained, retried, replayed and cancelled.
func TestRepairOneDelivery(t *testing.T) {
	h := newHost(t).filled()
	b := newTab(t, h.base)
	b.open("")
	b.await("Look at these")
	b.await("Broken")
	b.picture("overview")
	b.click("Logs")
	b.await("Each event for each webhook")
	b.choose("State", "Pending")
	b.click("Apply")
	b.await("Clear")
	b.await("status 500")
	require.Equal(t, "1", b.value(`String(document.querySelectorAll("tbody tr").length)`))
	b.picture("logs")
	b.click("contact.created")
	b.await("Why: attempt 2 is due at")
	b.await("<b>out of order</b>")
	b.await("••••••••")
	b.picture("delivery")
	b.click("Retry now")
	b.await("It is due now and goes out next.")
	require.Eventually(t, func() bool { return h.count(sender.StateDead) == 3 }, 10*time.Second, time.Millisecond)
	b.do(reload)
	b.await("Attempt 2")
	b.click("Replay")
	b.await("Sent again, as this new delivery of the same event.")
	h.settled()
	b.do(reload)
	b.click("Cancel")
	b.await("Cancelled. If an attempt")
}

// Dead letters are selected and replayed, and then all that fit, page by page.
func TestReplayDeadLetters(t *testing.T) {
	h := newHost(t).filled()
	b := newTab(t, h.base)
	require.NoError(t, h.org.Pause(t.Context(), h.broken.ID)) // so that what is replayed stays
	b.open("dead")
	b.tick("All on this page")
	require.Equal(t, "2", b.value(`String(document.querySelectorAll("[name=id]:checked").length)`))
	b.picture("dead")
	b.click("Replay selected")
	b.await("2 deliveries are sent again.")
	require.Equal(t, 1+2, h.count(sender.StateHeld), "one was waiting")

	require.NoError(t, h.org.Resume(t.Context(), h.broken.ID))
	h.publish(700)
	h.settled()
	for _, err := range h.org.RetryAllNow(t.Context(), sender.DeliveryQuery{}) {
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool { return h.count(sender.StatePending) == 0 }, 20*time.Second, 10*time.Millisecond)
	require.NoError(t, h.org.Pause(t.Context(), h.broken.ID))
	dead := h.count(sender.StateDead)
	require.Greater(t, dead, 500)
	b.open("dead?webhook=" + h.broken.ID)
	b.click("Replay all that fit…")
	b.await("dead letters fit.")
	b.click("Replay them")
	b.await("That is all.") // the script went on by itself
	require.Greater(t, h.count(sender.StateHeld), 500)
}

// An event that nobody wanted is found, with the reason.
func TestEventThatNobodyWanted(t *testing.T) {
	h := newHost(t)
	h.publish(1)
	h.subscribe(sender.Subscription{Name: "Late", URL: h.good.URL, Events: []string{"*"}})
	b := newTab(t, h.base)
	b.open("events")
	b.tick("Without a delivery")
	b.click("Apply")
	b.await("Clear")
	b.click("contact.created")
	b.await("it was made later")
	b.await(`"type": "contact.created"`)
}
