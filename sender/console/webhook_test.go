package console_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/console"
	"github.com/kirimhooks/kirimhooks/sender/sendertest"
	"github.com/kirimhooks/kirimhooks/signature"
)

func (r *rig) subscription() sender.Subscription {
	r.Helper()
	var list []sender.Subscription
	for sub, err := range r.org.Subscriptions(r.Context(), sender.SubscriptionQuery{}) {
		require.NoError(r, err)
		list = append(list, sub)
	}
	require.Len(r, list, 1)
	return list[0]
}

// fields reads what a form would send.
func (p *page) fields() url.Values {
	form := url.Values{}
	for n := range p.root.Descendants() {
		name := attrOf(n, "name")
		switch {
		case name == "" || n.Data == "meta":
		case n.Data == "textarea":
			form.Add(name, inner(n))
		case n.Data == "select":
			form.Add(name, chosen(n))
		case n.Data == "input" && isChecked(n):
			form.Add(name, attrOf(n, "value"))
		}
	}
	return form
}

func TestAddAWebhook(t *testing.T) {
	r := newRig(t)
	p := r.get("/webhooks").has(200, "No webhook yet.")
	p = r.get(p.link("Add webhook")).ok()
	form := p.fields()
	form.Set("url", "https://example.com/hooks")
	form.Set("name", "CRM")
	form["event"] = []string{"contact.created", "message.status"}
	form.Set("other", "conversation.*\n\n contact.created \n")
	form.Set("headers", "X-Api-Key: sesame\r\nX-Other:a:b")
	form.Set("rate", "2.5")
	p = r.post("/webhooks/new", form).has(200, "only time it is shown")
	secret := attrOf(p.all("input", "id", "secret")[0], "value")
	require.True(t, strings.HasPrefix(secret, "whsec_"))
	sub := r.subscription()
	require.Equal(t, "CRM", sub.Name)
	require.Equal(t, []string{"contact.created", "message.status", "conversation.*"}, sub.Events)
	require.Equal(t, map[string]string{"X-Api-Key": "sesame", "X-Other": "a:b"}, sub.Headers)
	require.InDelta(t, 2.5, sub.Rate, 0)
	require.Equal(t, "kirim", sub.Contract)

	p = r.get(p.link("To the webhook")).has(200, "CRM", "Active", "X-Api-Key", "2.5 a second", "Nothing has been sent")
	require.NotContains(t, p.Body.String(), secret)
	require.NotContains(t, p.Body.String(), "sesame")
	r.get("/webhooks").has(200, "CRM", "no attempts", "contact.created")
}

func TestAddRefuses(t *testing.T) {
	r := newRig(t)
	form := url.Values{
		"contract": {"kirim"}, "url": {"ftp://example.com"}, "name": {strings.Repeat("n", 2000)}, "rate": {"0.00001"},
		"headers": {"X-Kirim-Event: x"}, "secret": {"short"}, "event": {"contact.created"}, "other": {"contact*"},
	}
	p := r.post("/webhooks/new", form).has(422, "Not saved yet", "it is not an http or https URL",
		"must be valid UTF-8 of at most 1024 bytes", "0.001 to 10000 can be set", `["X-Kirim-Event"] reserved`,
		`"contact*" is no type`)
	require.Equal(t, "contact*", p.fields().Get("other"))
	require.Equal(t, []string{"contact.created"}, p.fields()["event"])
	require.NotContains(t, p.Body.String(), "short", "what could be a secret is not printed")
	for _, x := range []struct{ field, value, want string }{
		{"rate", "fast", "Write a number"},
		{"headers", "no colon", "no colon: write it as Name: value."},
		{"event", "", "0 types, 1 to 50 can be named"},
		{"secret", "short", "bytes"},
	} {
		form := url.Values{"contract": {"kirim"}, "url": {"https://example.com/"}, "event": {"*"}}
		if form.Set(x.field, x.value); x.value == "" {
			form.Del(x.field)
		}
		r.post("/webhooks/new", form).has(422, x.want)
	}
	r.post("/webhooks/new", url.Values{"contract": {"unknown"}}).has(400)
	require.Empty(t, r.get("/webhooks").rows())
}

// Kirisan's events are what its channels have, its devices what the form links, and its secret is the owner's own.
func TestAddAnEndpointOfKirisan(t *testing.T) {
	r := newRig(t)
	p := r.get("/webhooks/new?contract=kirisan").has(200, "waba", "message_status")
	form := p.fields()
	require.Equal(t, "kirisan", form.Get("contract"))
	form.Set("url", "https://example.com/kirisan")
	form["event"] = []string{"incoming_message", "message_status"}
	form["device"], form["device_channel"] = []string{"+62 81", "bot"}, []string{"whatsapp", "telegram"}
	form.Set("more", "1")
	p = r.post("/webhooks/new", form).ok()
	require.Equal(t, []string{"+62 81", "bot", "", "", "", ""}, p.fields()["device"])
	require.Empty(t, r.get("/webhooks").rows())
	form.Del("more")
	r.post("/webhooks/new", form).has(422, `kirisan has no "message_status" on the channels of these devices`)
	form["event"] = form["event"][:1]
	form["device"] = append(form["device"], "6281")
	form["device_channel"] = append(form["device_channel"], "whatsapp")
	r.post("/webhooks/new", form).has(422, "6281: 6281 stands twice")
	form["device"], form["device_channel"] = form["device"][:2], form["device_channel"][:2]
	form.Set("secret", "our own")
	p = r.post("/webhooks/new", form).has(200, "becomes active once a test succeeds", "Waits for a test")
	require.NotContains(t, p.Body.String(), "our own")
	require.Equal(t, []sender.Device{{ID: "+62 81", Channel: "whatsapp"}, {ID: "bot", Channel: "telegram"}},
		r.subscription().Devices)
}

func TestEditAWebhook(t *testing.T) {
	r := newRig(t)
	sub := r.subscribe(sender.Subscription{
		Name: "CRM", URL: "https://example.com/a", Events: []string{"*", "contact.*"},
		Headers: map[string]string{"X-Api-Key": "sesame"},
	})
	at := "/webhooks/" + sub.ID
	p := r.get(at + "/edit").ok()
	require.NotContains(t, p.Body.String(), "sesame")
	form := p.fields()
	require.Equal(t, "contact.*", form.Get("other"))
	form.Set("url", "https://example.com/b")
	form.Set("description", "mine")
	r.post(at+"/edit", form).has(200, "Saved.", "mine", "https://example.com/b")
	require.Equal(t, map[string]string{"X-Api-Key": "sesame"}, r.subscription().Headers, "what is hidden stays")
	form.Set("headers", "X-Api-Key: other")
	form.Set("rate", "x")
	r.post(at+"/edit", form).has(422, "Write a number")
	form.Set("rate", "")
	r.post(at+"/edit", form).ok()
	require.Equal(t, map[string]string{"X-Api-Key": "other"}, r.subscription().Headers)
	form.Set("headers", "X-New: ••••••••")
	r.post(at+"/edit", form).has(422, "X-New: write it as")

	form = r.get(at + "/edit").fields()
	form.Set("url", "https://elsewhere.example/")
	form.Set("name", "moved")
	p = r.post(at+"/edit", form).has(422, "another host")
	require.Equal(t, "https://example.com/b", r.subscription().URL)
	form = p.fields()
	require.Equal(t, "renew", form.Get("move"))
	r.post(at+"/edit", form).has(200, "new secret that only it knows")
	require.Equal(t, "https://elsewhere.example/", r.subscription().URL)
	require.Equal(t, "moved", r.subscription().Name)
	form.Set("move", "keep")
	form.Set("url", "https://third.example/")
	r.post(at+"/edit", form).has(200, "Saved.")
	form.Set("url", "ftp://third.example/")
	r.post(at+"/edit", form).has(422)
	r.get("/webhooks/wbs_unknown/edit").has(404)
	r.post("/webhooks/wbs_unknown/edit", form).has(404)
}

func TestPauseResumeEnableDelete(t *testing.T) {
	r := newRig(t)
	sub := r.subscribe(sender.Subscription{Name: "CRM", URL: "https://example.com/a", Events: []string{"*"}})
	at := "/webhooks/" + sub.ID
	r.post(at+"/pause", nil).has(200, "Paused. What is published", "Resume")
	r.post(at+"/resume", nil).has(200, "Active again.", "Pause")
	require.NoError(t, r.org.Disable(t.Context(), sub.ID, "keeps failing: <status> 500"))
	r.get(at).has(200, "Disabled", "keeps failing: <status> 500", "Enable")
	r.post(at+"/resume", nil).has(200, "Active again.")
	r.get(at+"/delete").has(200, "Delete CRM?", "cannot be undone")
	r.post(at+"/delete", nil).has(200, "Deleted.", "No webhook yet.")
	r.get(at).has(404)
	r.post(at+"/pause", nil).has(404)
}

func TestRotateASecret(t *testing.T) {
	r := newRig(t)
	sub := r.subscribe(sender.Subscription{URL: "https://example.com/a", Events: []string{"*"}})
	at := "/webhooks/" + sub.ID
	p := r.post(at+"/rotate", url.Values{"overlap": {"24"}}).
		has(200, "only time it is shown", "signs from the next attempt on")
	shown := attrOf(p.all("input", "id", "secret")[0], "value")
	p = r.get(at).has(200, "newest", "ends in 23 h", "End the overlap")
	require.NotContains(t, p.Body.String(), shown)
	require.Len(t, r.subscription().Secrets, 2)
	p = r.post(at+"/end", nil).has(200, "The newest secret alone signs now.")
	require.NotContains(t, p.text(), "End the overlap")
	r.post(at+"/rotate", url.Values{"overlap": {"nonsense"}}).ok()
	require.Len(t, r.subscription().Secrets, 1)
}

// What signs with Ed25519 stays with the platform: the page shows what verifies.
func TestRotateAKeyPair(t *testing.T) {
	standard := sender.Standard()
	standard.Secrets.Generate = signature.GenerateEd25519
	r := rigOver(t, sender.Config{Contracts: []sender.Contract{standard}, Transport: sendertest.Transport(t)})
	sub := r.subscribe(sender.Subscription{URL: "https://example.com/a", Events: []string{"*"}})
	p := r.post("/webhooks/"+sub.ID+"/rotate", nil).has(200, "only time it is shown")
	shown := signature.NewSecret(attrOf(p.all("input", "id", "secret")[0], "value"))
	require.True(t, shown.IsPublic())
	require.NotContains(t, p.Body.String(), "whsk_")
}

func TestWebhookShowsHowItDoes(t *testing.T) {
	good, bad := sendertest.NewEndpoint(t, sendertest.Status(200)), sendertest.NewEndpoint(t, sendertest.Status(500))
	r := newRig(t, good, bad)
	r.subscribe(sender.Subscription{Name: "good", URL: good.URL, Events: []string{"*"}})
	sub := r.subscribe(sender.Subscription{Name: "bad", URL: bad.URL, Events: []string{"*", "a", "b", "c", "d"}})
	r.publish(3)
	r.run()
	for _, row := range r.get("/webhooks").rows() {
		if strings.HasPrefix(row, "good") {
			require.Contains(t, row, "100 %")
			require.NotContains(t, row, "Failing")
		} else {
			require.Contains(t, row, "Failing")
			require.Contains(t, row, "0 %")
			require.Contains(t, row, "+2")
			require.Contains(t, row, "exhausted: status 500 just now")
		}
	}
	p := r.get("/webhooks/"+sub.ID).has(200, "Failing", "Newest deliveries")
	require.Len(t, p.all("rect", "class", "bad"), 1)
	require.Len(t, r.get(p.link("Show in logs")).rows(), 3)
	require.Equal(t, "0 % of 3 attempts succeeded", attrOf(p.all("svg")[0], "aria-label"))
}

func TestLongNamesAreShortened(t *testing.T) {
	r := newRig(t)
	sub := r.subscribe(sender.Subscription{
		Name: strings.Repeat("é", 500), URL: "https://example.com/a", Events: []string{"*"},
	})
	require.Contains(t, r.get("/webhooks").text(), strings.Repeat("é", 79)+"…")
	require.Equal(t, sub.Name, r.get("/webhooks/"+sub.ID+"/edit").fields().Get("name"))
}

func TestWebhooksComeInPages(t *testing.T) {
	r := newRig(t)
	for range 60 {
		r.subscribe(sender.Subscription{URL: "https://example.com/a", Events: []string{"*"}})
	}
	p := r.get("/webhooks")
	require.Len(t, p.rows(), 25)
	p = r.get(p.link("More"))
	require.Len(t, p.rows(), 25)
	p = r.get(p.link("More"))
	require.Len(t, p.rows(), 10)
	require.Len(t, r.get(p.link("First page")).rows(), 25)
}

// Who may not change sees no forms, and asks for them in vain.
func TestReadOnlyWebhooks(t *testing.T) {
	r := newRig(t)
	sub := r.subscribe(sender.Subscription{URL: "https://example.com/a", Events: []string{"*"}})
	r.handler = mounted(t, r.sender, console.Config{Org: acme})
	at := "/webhooks/" + sub.ID
	require.Empty(t, r.get(at).ok().all("form"))
	require.NotContains(t, r.get("/webhooks").text(), "Add webhook")
	for _, path := range []string{"/webhooks/new", at + "/edit", at + "/delete"} {
		r.get(path).has(403)
		r.post(path, url.Values{"contract": {"kirim"}, "url": {"https://example.com/x"}, "event": {"*"}}).has(403)
	}
	for _, path := range []string{"/pause", "/resume", "/rotate", "/end"} {
		r.post(at+path, nil).has(403)
	}
	require.Equal(t, "https://example.com/a", r.subscription().URL)
	require.WithinDuration(t, time.Now(), r.subscription().CreatedAt, time.Minute)
}
