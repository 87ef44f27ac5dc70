package receiver_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/signature"
)

var (
	bothBody    = []byte(`{"object":"x","entry":[{"id":"1","changes":[{"field":"messages","value":{"messages":[{"id":"wamid.A"}],"statuses":[{"id":"wamid.B","status":"read","timestamp":"1"}]}}]}]}`)
	historyBody = []byte(`{"object":"x","entry":[{"id":"1","changes":[{"field":"history","value":{"messages":[{"id":"wamid.OLD","from":"62","timestamp":"1","type":"image","image":{"id":"1"}}]}}]}]}`)
	errorsBody  = []byte(`{"object":"x","entry":[{"id":"1","changes":[{"field":"messages","value":{"errors":[{"code":1}]}}]}]}`)
	fieldBody   = []byte(`{"object":"x","entry":[{"id":"1","changes":[{"field":"account_update","value":{}}]}]}`)
)

func TestKirimAgreement(t *testing.T) {
	status := statusBody("sent", "1782864000")
	for _, test := range []struct {
		name    string
		body    []byte
		headers string // name=value, comma separated
		code    int
		typ, id string
	}{
		{"native alone", nativeBody, "", 200, "contact.created", "evt_1"},
		{"native in full", nativeBody, "X-Kirim-Source=kirim,X-Kirim-Event=contact.created,X-Kirim-Event-Id=evt_1", 200,
			"contact.created", "evt_1"},
		{"empty headers are absent", nativeBody, "X-Kirim-Source=,X-Kirim-Event=,X-Kirim-Event-Id=", 200, "contact.created",
			"evt_1"},
		{"another word for the source", nativeBody, "X-Kirim-Source=kirimdev", 200, "contact.created", "evt_1"},
		{"native as meta", nativeBody, "X-Kirim-Source=meta", 400, "", ""},
		{"native of another type", nativeBody, "X-Kirim-Event=contact.updated", 400, "", ""},
		{"native of another id", nativeBody, "X-Kirim-Event-Id=evt_2", 400, "", ""},
		{"type in another case", nativeBody, "X-Kirim-Event=Contact.Created", 400, "", ""},

		{"message", messageBody, "X-Kirim-Source=meta,X-Kirim-Event=message.received,X-Kirim-Event-Id=wamid.A", 200,
			"message.received", "wamid.A"},
		{"message of any header id", messageBody, "X-Kirim-Event-Id=evt_other", 200, "message.received", "wamid.A"},
		{"message as kirim", messageBody, "X-Kirim-Source=kirim", 400, "", ""},
		{"message as status", messageBody, "X-Kirim-Event=message.status", 400, "", ""},
		{"message as something newer", messageBody, "X-Kirim-Event=message.edited", 200, "message.received", "wamid.A"},
		{"status of the bare id", status, "X-Kirim-Event=message.status,X-Kirim-Event-Id=wamid.A", 200, "message.status",
			"wamid.A:sent:1782864000"},
		{"status as message", status, "X-Kirim-Event=message.received", 400, "", ""},
		{"status as something newer", status, "X-Kirim-Event=message.status_updated", 200, "message.status",
			"wamid.A:sent:1782864000"},
		{"both, told as message", bothBody, "X-Kirim-Event=message.received", 200, "message.received", "body:"},
		{"both, told as status", bothBody, "X-Kirim-Event=message.status", 200, "message.received", "body:"},
		{"neither: the header's type", errorsBody, "X-Kirim-Event=message.failed", 200, "message.failed", "body:"},
		{"neither, no header: the field", fieldBody, "", 200, "account_update", "body:"},
		{"neither, odd header: the field", fieldBody, "X-Kirim-Event=\x80", 200, "account_update", "body:"},

		{"neither, and the header says message.received", errorsBody, "X-Kirim-Event=message.received", 200,
			"message.received", "body:"},
		{"a type too long for a header to name", errorsBody, "X-Kirim-Event=" + strings.Repeat("a", 129), 200, "messages",
			"body:"},
		{"history is not received", historyBody, "X-Kirim-Event=message.received", 200, "history", "body:"},
		{"history has no status", historyBody, "X-Kirim-Event=message.status", 200, "history", "body:"},
		{"history by another name", historyBody, "X-Kirim-Event=history.synced", 200, "history.synced", "body:"},
		{"a field with spaces", []byte(`{"entry":[{"changes":[{"field":"account update","value":{}}]}]}`), "", 200, "unknown",
			"body:"},

		{"both shapes", []byte(`{"id":"evt_1","type":"a","entry":[]}`), "", 400, "", ""},
		{"no shape", []byte(`{"id":"evt_1"}`), "", 400, "", ""},
		{"empty id", []byte(`{"id":"","type":"a"}`), "", 400, "", ""},
		{"id is a number", []byte(`{"id":1,"type":"a"}`), "", 400, "", ""},
		{"entry is an object", []byte(`{"entry":{}}`), "", 400, "", ""},
		{"native with an entry that is no array", []byte(`{"id":"evt_1","type":"a","entry":{}}`), "", 200, "a", "evt_1"},
		{"id of 256", fmt.Appendf(nil, `{"id":%q,"type":"a"}`, strings.Repeat("a", 256)), "", 400, "", ""},
		{"id twice", []byte(`{"id":"evt_1","id":"evt_2","type":"a"}`), "", 400, "", ""},
		{"id in two spellings", []byte(`{"id":"evt_1","ID":"evt_2","type":"a"}`), "", 400, "", ""},
		{"something after", append(bytes.Clone(nativeBody), '1'), "", 400, "", ""},
		{"white space after", append(bytes.Clone(nativeBody), " \r\n"...), "", 200, "contact.created", "evt_1"},
		{"byte order mark", append([]byte("\ufeff"), nativeBody...), "", 400, "", ""},
		{"depth of 65", []byte(`{"id":"evt_1","type":"a","data":` + strings.Repeat("[", 64) + strings.Repeat("]", 64) + `}`),
			"", 400, "", ""},
		{"depth of 64", []byte(`{"id":"evt_1","type":"a","data":` + strings.Repeat("[", 63) + strings.Repeat("]", 63) + `}`),
			"", 200, "a", "evt_1"},
		{"no object", []byte(`[]`), "", 400, "", ""},
		{"nothing", nil, "", 400, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := newRig(t, nil)
			r := kirimPost(test.body)
			for _, h := range strings.Split(test.headers, ",") {
				if name, value, ok := strings.Cut(h, "="); ok {
					r.Header.Set(name, value)
				}
			}
			require.Equal(t, test.code, k.serve(r).Code)
			if test.code != 200 {
				require.Zero(t, k.store.calls.Load())
				requireReason(t, k.rejected[0])
				return
			}
			ev := k.last(t)
			require.Equal(t, test.typ, ev.Type)
			require.Truef(t, ev.ID == test.id || test.id == "body:" && strings.HasPrefix(ev.ID, "body:"), "id %q", ev.ID)
			require.Equal(t, "kirim:"+string(ev.Source)+":"+ev.ID, ev.Key)
		})
	}
}

func requireReason(t *testing.T, err error) {
	t.Helper()
	for _, want := range []error{receiver.ErrContradiction, envelope.ErrMalformed} {
		if errors.Is(err, want) {
			return
		}
	}
	t.Fatalf("%v wraps neither ErrContradiction nor ErrMalformed", err)
}

func TestKirimVerification(t *testing.T) {
	now := time.Now()
	good := sign(kirimSecret, now, nativeBody)
	for name, test := range map[string]struct {
		header string
		want   error
	}{
		"missing":   {"", signature.ErrMissing},
		"malformed": {"v1=abc", signature.ErrMalformed},
		"other":     {sign("whsec_not-the-secret-at-all", now, nativeBody), signature.ErrMismatch},
		"body":      {sign(kirimSecret, now, []byte("{}")), signature.ErrMismatch},
		"old":       {sign(kirimSecret, now.Add(-302*time.Second), nativeBody), signature.ErrTooOld},
		"new":       {sign(kirimSecret, now.Add(302*time.Second), nativeBody), signature.ErrTooNew},
		"upper":     {good[:13] + strings.ToUpper(good[13:]), signature.ErrMalformed}, // V1=
		"short":     {good[:len(good)-2], signature.ErrMismatch},
	} {
		t.Run(name, func(t *testing.T) {
			k := newRig(t, nil)
			r := post(nativeBody, "X-Kirim-Event", "contact.created")
			if test.header != "" {
				r.Header.Set("X-Kirim-Signature", test.header)
			}
			w := k.serve(r)
			require.Equal(t, 401, w.Code)
			require.Equal(t, "Unauthorized", w.Body.String())
			require.ErrorIs(t, k.rejected[0], test.want)
			require.Zero(t, k.store.calls.Load())
		})
	}
}

// One message is sent, delivered and read under one X-Kirim-Event-Id; each is an event of its own, and each only once.
func TestStatusesOfOneMessage(t *testing.T) {
	k := newRig(t, nil)
	for range 2 {
		for i, s := range []string{"sent", "delivered", "read"} {
			w := k.serve(kirimPost(statusBody(s, fmt.Sprint(1782864000+i)), "X-Kirim-Event", "message.status",
				"X-Kirim-Event-Id", "wamid.A"))
			require.Equal(t, 200, w.Code)
		}
	}
	require.Equal(t, 3, k.runs())
	require.Equal(t, 3, k.dups)
}

// What Kirim adds beside the entry, and every header, may change between an attempt and a replay.
func TestSameMessageOtherwiseDressed(t *testing.T) {
	k := newRig(t, nil)
	var m map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(messageBody, &m))
	m["kirim"] = json.RawMessage(`{"delivery_id":"wbd_2","media_status":"ready"}`)
	enriched, err := json.Marshal(m)
	require.NoError(t, err)
	require.Equal(t, 200, k.serve(kirimPost(messageBody, "X-Kirim-Event-Id", "wamid.A", "X-Kirim-Attempt", "1")).Code)
	require.Equal(t, 200, k.serve(kirimPost(enriched, "X-Kirim-Event-Id", "forged", "X-Kirim-Delivery-Id", "wbd_2")).Code)
	require.Equal(t, 1, k.runs())
}

// Whoever holds one genuine request can change its headers: neither the event of the forged id nor the request's own
// may be lost or run twice by that.
func TestPoisonedIDs(t *testing.T) {
	k := newRig(t, nil)
	victim := []byte(`{"object":"x","entry":[{"id":"1","changes":[{"field":"messages","value":{"messages":[{"id":"wamid.VICTIM"}]}}]}]}`)
	require.Equal(t, 200, k.serve(kirimPost(messageBody, "X-Kirim-Event-Id", "wamid.VICTIM")).Code)
	require.Equal(t, "wamid.A", k.last(t).ID)
	require.Equal(t, 200, k.serve(kirimPost(victim, "X-Kirim-Event-Id", "wamid.VICTIM")).Code)
	require.Equal(t, 2, k.runs(), "the genuine event is not taken for a duplicate")
	require.Equal(t, victim, []byte(k.last(t).Body))
	require.Equal(t, 200, k.serve(kirimPost(messageBody, "X-Kirim-Event-Id", "wamid.FRESH")).Code)
	require.Equal(t, 2, k.runs(), "nor a repeated one for another")
	// A native id that spells an identity of Meta's is another key.
	native := []byte(`{"id":"wamid.A","type":"a"}`)
	require.Equal(t, 200, k.serve(kirimPost(native)).Code)
	require.Equal(t, 3, k.runs())
}

func TestRotationIsSeenAtOnce(t *testing.T) {
	const next = "whsec_next-0123456789abcdef"
	ring := keys(kirimSecret)
	k := newRig(t, nil, dialects(receiver.Kirim(ring)))
	send := func(secret, id string) int {
		body := fmt.Appendf(nil, `{"id":%q,"type":"a"}`, id)
		return k.serve(post(body, "X-Kirim-Signature", sign(secret, time.Now(), body))).Code
	}
	require.Equal(t, 401, send(next, "evt_1"))
	require.NoError(t, ring.Replace(signature.NewSecret(next), signature.NewSecret(kirimSecret)))
	require.Equal(t, 200, send(next, "evt_1"))
	require.Equal(t, 0, k.last(t).Secret)
	require.Equal(t, 200, send(kirimSecret, "evt_2"))
	require.Equal(t, 1, k.last(t).Secret)
	require.NoError(t, ring.Replace(signature.NewSecret(next)))
	require.Equal(t, 401, send(kirimSecret, "evt_3"))
}

// Old, both, new: a sender that signs with what is current at each step is never refused.
func TestRotationUnderLoad(t *testing.T) {
	const next = "whsec_next-0123456789abcdef"
	older, newer := signature.NewSecret(kirimSecret), signature.NewSecret(next)
	ring := signature.NewKeyring(older)
	k := newRig(t, nil, dialects(receiver.Kirim(ring)))
	var stop atomic.Bool
	var signer atomic.Pointer[string]
	load := func(worker int) {
		for i := 0; !stop.Load(); i++ {
			body := fmt.Appendf(nil, `{"id":"evt_%d_%d","type":"a"}`, worker, i)
			secret := kirimSecret
			if s := signer.Load(); s != nil {
				secret = *s
			}
			assert.Equal(t, 200, k.serve(post(body, "X-Kirim-Signature", sign(secret, time.Now(), body))).Code)
		}
	}
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() { load(worker) })
	}
	waitForRuns := func(n int) {
		for start := k.runs(); k.runs() < start+n && !t.Failed(); {
			runtime.Gosched()
		}
	}
	waitForRuns(50)
	require.NoError(t, ring.Replace(newer, older))
	waitForRuns(50)
	fresh := next
	signer.Store(&fresh)
	waitForRuns(50)
	stop.Store(true)
	wg.Wait()
	require.NoError(t, ring.Replace(newer)) // once nothing signed with the old one is under way
	require.Empty(t, k.rejected)
}
