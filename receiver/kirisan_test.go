package receiver_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/signature"
)

func TestKirisanAgreement(t *testing.T) {
	const (
		submission = `{"event":"submission","device":"6281","channel":"whatsapp"}`
		flat       = `{"object":"whatsapp_business_account","entry":[]}`
	)
	for _, test := range []struct {
		name, body, event, device string
		code                      int
		typ, wantDevice           string
	}{
		{"agree", submission, "submission", "6281", 200, "submission", "6281"},
		{"no headers but a mark", submission, "", "6281", 200, "submission", "6281"},
		{"older name", submission, "submission.completed", "6281", 200, "submission", "6281"},
		{"older name of nothing else", string(kirisanBody), "submission.completed", "", 400, "", ""},
		{"older name in both", `{"event":"submission.completed","device":"1"}`, "submission.completed", "1", 200,
			"submission.completed", "1"},
		{"older name in the body", `{"event":"submission.completed","device":"1"}`, "submission", "1", 200,
			"submission.completed", "1"},
		{"an event that says nothing", submission, "\x80", "6281", 200, "submission", "6281"},
		{"a device that says nothing", submission, "submission", "\x80", 200, "submission", "6281"},
		{"a plus in the header", submission, "submission", "+6281", 200, "submission", "6281"},
		{"a plus in the body", `{"event":"submission","device":"+6281"}`, "submission", "6281", 200, "submission", "+6281"},
		{"dashes and spaces", `{"event":"submission","device":"+62 81-1"}`, "submission", "62811", 200, "submission",
			"+62 81-1"},
		{"a number", `{"event":"submission","device":6281}`, "submission", "6281", 200, "submission", "6281"},
		{"another number", `{"event":"submission","device":6281}`, "submission", "6282", 400, "", ""},
		{"another token", `{"event":"submission","device":"wa-3f9a10"}`, "submission", "wa-3f9a11", 400, "", ""},
		{"a token is no number", `{"event":"submission","device":"wa-1"}`, "submission", "1", 400, "", ""},
		{"an empty device", `{"event":"submission","device":""}`, "submission", "6281", 200, "submission", "6281"},
		{"no device at all", `{"event":"submission","device":null}`, "submission", "", 200, "submission", ""},
		{"an empty event", `{"event":"","device":"1"}`, "message_status", "1", 200, "message_status", "1"},
		{"other event", submission, "incoming_message", "6281", 400, "", ""},
		{"other device", submission, "submission", "6282", 400, "", ""},
		{"unknown event", `{"event":"call","device":"1"}`, "call", "1", 200, "call", "1"},
		{"flat", flat, "incoming_message", "token", 200, "incoming_message", "token"},
		{"flat, only a device", flat, "", "token", 200, "incoming_message", "token"},
		{"flat, another event", flat, "message_status", "token", 200, "message_status", "token"},
		{"flat, older name", flat, "submission.completed", "token", 200, "submission", "token"},
		{"flat, odd event", flat, "\x80", "token", 200, "incoming_message", "token"},
		{"no device in the body", `{"event":"submission"}`, "submission", "token", 200, "submission", "token"},
		{"event is no text", `{"event":{},"device":"1"}`, "submission", "1", 200, "submission", "1"},
		{"event twice", `{"event":"a","event":"b"}`, "a", "1", 400, "", ""},
		{"no object", `"submission"`, "submission", "1", 400, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := newRig(t, nil)
			r := post([]byte(test.body), "X-Webhook-Secret", kirisanSecret)
			if test.event != "" {
				r.Header.Set("X-Kirisan-Event", test.event)
			}
			if test.device != "" {
				r.Header.Set("X-Kirisan-Device", test.device)
			}
			w := k.serve(r)
			require.Equal(t, test.code, w.Code)
			if w.Code != 200 {
				requireReason(t, k.rejected[0])
				return
			}
			ev := k.last(t)
			require.Equal(t, envelope.Kirisan, ev.Source)
			require.Equal(t, test.typ, ev.Type)
			require.Equal(t, test.wantDevice, ev.Device)
			require.Empty(t, ev.Key)
			require.Zero(t, k.store.calls.Load(), "without a key nothing is deduplicated")
		})
	}
}

func TestKirisanSecrets(t *testing.T) {
	k := newRig(t, nil, dialects(receiver.Kirisan(keys("a", kirisanSecret))))
	for secret, code := range map[string]int{"a": 200, kirisanSecret: 200, "": 401, "b": 401, kirisanSecret + " x": 401,
		strings.Repeat("a", 513): 401} {
		r := post(kirisanBody, "X-Kirisan-Event", "incoming_message", "X-Webhook-Secret", secret)
		require.Equal(t, code, k.serve(r).Code, "secret %q", secret)
	}
	longest := strings.Repeat("a", 512)
	require.Equal(t, 200, newRig(t, nil, dialects(receiver.Kirisan(keys(longest)))).serve(
		post(kirisanBody, "X-Kirisan-Event", "incoming_message", "X-Webhook-Secret", longest)).Code)
	missing := post(kirisanBody, "X-Kirisan-Event", "incoming_message")
	require.Equal(t, 401, k.serve(missing).Code)
	require.ErrorIs(t, k.rejected[len(k.rejected)-1], signature.ErrMissing)
	require.Equal(t, 400, k.serve(kirisanPost(kirisanBody, "X-Webhook-Secret", kirisanSecret)).Code, "twice")
	require.Equal(t, 400, k.serve(kirisanPost(kirisanBody, "X-Kirisan-Event", "incoming_message")).Code, "twice")
}

func TestKirisanSucceedsWith200Only(t *testing.T) {
	for _, code := range []int{200, 201, 202, 204, 206} {
		k := newRig(t, receiver.HTTP(status(code)))
		require.Equal(t, http.StatusOK, k.serve(kirisanPost(kirisanBody)).Code)
	}
}

func TestKirisanUnsigned(t *testing.T) {
	k := newRig(t, nil, dialects(receiver.KirisanUnsigned()))
	r := post(kirisanBody, "X-Kirisan-Event", "incoming_message")
	require.Equal(t, 200, k.serve(r).Code)
	require.Equal(t, "kirisan-unsigned", k.last(t).Dialect)
	require.Equal(t, -1, k.last(t).Secret)
	require.Equal(t, 200, k.serve(kirisanPost(kirisanBody)).Code, "a secret is not looked at")
	require.Equal(t, 401, k.serve(post(kirisanBody)).Code)
}
