package receiver_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/kirimhooks/kirimhooks/internal/samples"
)

// FuzzHandler sends anything, signed or not: the status is a documented one, the handler runs only for what a second
// verifier accepts, and nothing is claimed otherwise.
func FuzzHandler(f *testing.F) {
	now := time.Now()
	for s := range samples.Corpus() {
		if s.Source != envelope.Kirisan {
			f.Add(s.Body, s.Headers.Get("X-Kirim-Source"), s.Headers.Get("X-Kirim-Event"), s.Headers.Get("X-Kirim-Event-Id"), "",
				true)
		}
	}
	f.Add(nativeBody, "kirim", "contact.created", "evt_1", sign(kirimSecret, now, nativeBody), false)
	f.Add(nativeBody, "meta", "contact.updated", "evt_2", "t=1,v1=00", false)
	f.Add(nativeBody, "kirim", "contact.created", "evt_1", "t=1,v1=00", false)
	f.Add(messageBody, "meta", "message.received", "wamid.A", sign("whsec_of-somebody-else", now, messageBody), false)
	for _, body := range []string{
		`{"id":"a","type":"b","entry":[]}`, `{"id":"a","type":"b","\u0065ntry":[]}`, `{"id":"a","type":"b","entry":{}}`,
		`{"id":"a","type":"b","data":{"entry":["\u0065ntry"]}}`,
	} {
		f.Add([]byte(body), "", "", "", "", true)
	}
	f.Fuzz(func(t *testing.T, body []byte, source, event, id, signature string, genuine bool) {
		k := newRig(t, nil)
		if genuine {
			signature = sign(kirimSecret, time.Now(), body)
		}
		r := post(body)
		r.Header = http.Header{
			"X-Kirim-Signature": {signature}, "X-Kirim-Source": {source}, "X-Kirim-Event": {event}, "X-Kirim-Event-Id": {id},
		}
		w := k.serve(r)
		require.Contains(t, []int{200, 400, 401, 413}, w.Code)
		require.Equal(t, http.StatusText(w.Code), w.Body.String())
		require.Equal(t, w.Code == 200, k.runs() == 1)
		if genuine {
			require.NotEqual(t, 401, w.Code)
		}
		if w.Code != 200 {
			require.Zero(t, k.store.calls.Load())
			return
		}
		require.True(t, accepts(signature, body), "ran unverified")
		requireTold(t, body, source, event, id, k)
	})
}

// accepts is Kirim's rule once more, without the age.
func accepts(header string, body []byte) bool {
	segments := strings.Split(header, ",")
	stamp, ok := strings.CutPrefix(strings.Trim(segments[0], " \t"), "t=")
	if !ok {
		return false
	}
	mac := hmac.New(sha256.New, []byte(kirimSecret))
	mac.Write([]byte(stamp + "."))
	mac.Write(body)
	want := "v1=" + hex.EncodeToString(mac.Sum(nil))
	return slices.ContainsFunc(segments, func(s string) bool { return strings.EqualFold(strings.Trim(s, " \t"), want) })
}

// requireTold compares the event with what encoding/json sees in the body.
func requireTold(t *testing.T, body []byte, source, event, id string, k *rig) {
	ev := k.last(t)
	var m map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(body, &m))
	require.Equal(t, "kirim:"+string(ev.Source)+":"+ev.ID, ev.Key)
	require.NotEmpty(t, ev.ID)
	if ev.Source == envelope.Meta {
		require.Equal(t, byte('['), m["entry"][0])
		require.NotEqual(t, "kirim", source)
		return
	}
	require.False(t, len(m["entry"]) > 0 && m["entry"][0] == '[', "both shapes")
	var wantID, wantType string
	require.NoError(t, json.Unmarshal(m["id"], &wantID))
	require.NoError(t, json.Unmarshal(m["type"], &wantType))
	require.Equal(t, wantID, ev.ID)
	require.Equal(t, wantType, ev.Type)
	require.Contains(t, []string{"", wantID}, id)
	require.Contains(t, []string{"", wantType}, event)
	require.NotEqual(t, "meta", source)
}

// FuzzKirisan sends anything that carries the secret: it runs as one of the documented readings or is 400.
func FuzzKirisan(f *testing.F) {
	for s := range samples.Corpus() {
		if s.Source == envelope.Kirisan {
			f.Add(s.Body, s.Headers.Get("X-Kirisan-Event"), s.Headers.Get("X-Kirisan-Device"))
		}
	}
	f.Add([]byte(`{"object":"x","entry":[]}`), "incoming_message", "token")
	f.Fuzz(func(t *testing.T, body []byte, event, device string) {
		k := newRig(t, nil)
		r := post(body)
		r.Header = http.Header{"X-Webhook-Secret": {kirisanSecret}, "X-Kirisan-Event": {event}, "X-Kirisan-Device": {device}}
		w := k.serve(r)
		require.Contains(t, []int{200, 400, 413}, w.Code)
		if w.Code != 200 {
			require.Zero(t, k.runs())
			return
		}
		ev := k.last(t)
		require.NotEmpty(t, ev.Type)
		if envelope.Printable(device, 512) {
			require.True(t, kirisan.SameDevice(device, ev.Device), "%q is not %q", device, ev.Device)
		}
		if event != "submission.completed" && ev.Type != "submission.completed" && envelope.Printable(event, 128) {
			require.Equal(t, event, ev.Type)
		}
	})
}
