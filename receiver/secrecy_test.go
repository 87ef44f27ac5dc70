package receiver_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/kirimhooks/kirimhooks/envelope/meta"
	"github.com/kirimhooks/kirimhooks/receiver"
)

// Whatever goes wrong, neither the log nor an error nor an answer shows a secret, a body or a header.
func TestNothingLeaks(t *testing.T) {
	const canary = "CANARY"
	body := func(s string) []byte { return []byte(strings.ReplaceAll(s, "$", canary)) }
	native := body(`{"id":"evt_1","type":"a","data":{"text":"$"}}`)
	for name, test := range map[string]struct {
		next    receiver.EventHandler
		request func() *http.Request
	}{
		"handled": {returns(nil), func() *http.Request { return kirimPost(native, "X-Other", canary) }},
		"failed":  {returns(errors.New("down")), func() *http.Request { return kirimPost(native) }},
		"panicked": {receiver.HTTP(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.NoBody) })),
			func() *http.Request { return kirimPost(native) }},
		"panicked body": {receiver.HTTP(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			b,
				_ := io.ReadAll(r.Body)
			panic(b)
		})), func() *http.Request { return kirimPost(native) }},
		"refused": {returns(nil), func() *http.Request { return post(native, "X-Kirim-Signature", canary) }},
		"mismatch": {returns(nil), func() *http.Request {
			return post(native, "X-Kirim-Signature",
				sign(canary, time.Now(), native))
		}},
		"contradicts": {returns(nil), func() *http.Request { return kirimPost(native, "X-Kirim-Event", canary) }},
		"twice": {returns(nil), func() *http.Request {
			return kirimPost(native, "X-Kirim-Event", canary,
				"X-Kirim-Event", canary)
		}},
		"malformed":   {returns(nil), func() *http.Request { return kirimPost(body(`{"$":"$"`)) }},
		"wrong shape": {returns(nil), func() *http.Request { return kirimPost(body(`{"$":"$"}`)) }},
		"encoded":     {returns(nil), func() *http.Request { return kirimPost(native, "Content-Encoding", canary) }},
		"secret": {returns(nil), func() *http.Request {
			return post(kirisanBody, "X-Kirisan-Event", "a",
				"X-Webhook-Secret", canary)
		}},
		"handshake": {returns(nil), func() *http.Request {
			return httptest.NewRequest(http.MethodGet, "/?hub.mode=subscribe&hub.challenge="+canary+"&hub.verify_token="+canary,
				nil)
		}},
		"device": {returns(nil), func() *http.Request { return kirisanPost(kirisanBody, "X-Kirisan-Device", canary) }},
	} {
		t.Run(name, func(t *testing.T) {
			k := newRig(t, test.next)
			w := k.serve(test.request())
			seen := []string{k.logs.String(), w.Body.String()}
			for _, err := range k.rejected {
				seen = append(seen, err.Error())
			}
			for _, o := range k.outcomes {
				if o.Err != nil {
					seen = append(seen, o.Err.Error())
				}
			}
			require.NotEmpty(t, seen[0], "each request leaves a line")
			for _, s := range seen {
				for _, secret := range []string{canary, kirimSecret, kirisanSecret, appSecret, verifyToken} {
					require.NotContains(t, s, secret)
				}
			}
		})
	}
}

// What a body says where it should say something else is not quoted by those who trip over it.
func TestBodiesThatDoNotDecodeAreNotQuoted(t *testing.T) {
	m := receiver.NewMux()
	receiver.On(m, kirim.ContactCreated, func(context.Context, *receiver.Event, kirim.ContactData) error { return nil })
	receiver.On(m, meta.MessageReceived, func(context.Context, *receiver.Event, *meta.Notification) error { return nil })
	receiver.On(m, kirisan.IncomingMessageEvent,
		func(context.Context, *receiver.Event, *kirisan.IncomingMessage) error { return nil })
	message := func(members string) string {
		return `{"object":"x","entry":[{"id":"1","changes":[{"field":"messages","value":{"messages":[{"id":"wamid.A"` +
			members + `}]}}]}]}`
	}
	codes := map[int]int{}
	for _, body := range []string{
		`{"id":"evt_1","type":"contact.created","data":$}`,
		`{"id":"evt_1","type":"contact.created","created_at":$,"data":{}}`,
		`{"id":"evt_1","type":"contact.created","livemode":$,"data":{}}`,
		`{"id":"evt_1","type":"contact.created","data":{"contact":$}}`,
		`{"id":"evt_1","type":"contact.created","data":{"contact":{"id":$}}}`,
		`{"id":"evt_1","type":"contact.created","data":{"contact":{"created_at":$}}}`,
		`{"id":"evt_1","type":$,"data":{}}`,
		message(`,"timestamp":$`), message(`,"text":$`), message(`,"type":$`), message(`,"from":$`),
		message(`,"image":{"id":$}`),
		`{"entry":[$]}`, `{"entry":[{"changes":$}]}`, `{"entry":[{"changes":[{"field":$}]}]}`,
		`{"event":"incoming_message","device":"6281","timestamp":$}`,
		`{"event":"incoming_message","device":"6281","sender":$}`,
		`{"event":"incoming_message","device":"6281","production":$}`,
		`{"event":"incoming_message","device":$}`,
	} {
		for _, value := range []string{`"CANARY"`, `7042424242`, `7042424242e999`, `["CANARY"]`, `{"CANARY":7042424242}`,
			`"CANARY`, `CANARY`} {
			k := newRig(t, m)
			text := []byte(strings.ReplaceAll(body, "$", value))
			var w *httptest.ResponseRecorder
			if strings.HasPrefix(body, `{"event"`) {
				w = k.serve(post(text, "X-Kirisan-Event", "", "X-Webhook-Secret", kirisanSecret))
			} else {
				w = k.serve(kirimPost(text))
			}
			seen := w.Body.String() + fmt.Sprint(k.rejected)
			for _, o := range k.outcomes {
				seen += fmt.Sprint(o.Err)
			}
			if w.Code != 200 {
				seen += k.logs.String() // a type, which is one of the ids, may stand in the line of an event that was handled
			}
			require.NotContains(t, seen, "CANARY", "%d: %s", w.Code, text)
			require.NotContains(t, seen, "70424242", "%d: %s", w.Code, text)
			codes[w.Code]++
		}
	}
	require.Len(t, codes, 3, "some ran, some were malformed, some did not decode: %v", codes)
}
