package receiver_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/dedupe"
	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/signature"
)

// warned makes a rig whose logger shows Warn and above, and a function that returns the lines that are new, without
// their time.
func warned(t *testing.T, opts ...option) (k *rig, lines func() []string) {
	var mu sync.Mutex
	var log bytes.Buffer
	k = newRig(t, nil, append(opts, func(c *receiver.Config) {
		c.Logger = slog.New(slog.NewTextHandler(&lockedWriter{mu: &mu, w: &log}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	})...)
	return k, func() (all []string) {
		mu.Lock()
		defer mu.Unlock()
		for line := range strings.Lines(log.String()) {
			_, line, _ = strings.Cut(strings.TrimSpace(line), " ")
			all = append(all, line)
		}
		log.Reset()
		return all
	}
}

func mismatched() *http.Request {
	return post(nativeBody, "X-Kirim-Signature", sign("another secret", time.Now(), nativeBody))
}

// An operator who logs no Debug sees that requests are refused and why: at once, then their number once a minute.
func TestRefusalsAreSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, lines := warned(t)
		const mismatch = `level=WARN msg="receiver: requests refused" dialect=kirim status=401 count=%d err="no match: another secret, or not the body as it was sent"`
		const unmarked = `level=WARN msg="receiver: requests refused" dialect="" status=401 count=%d err="no mark of a configured dialect"`
		for range 500 {
			require.Equal(t, 401, k.serve(mismatched()).Code)
			require.Equal(t, 401, k.serve(post(nativeBody)).Code)
		}
		require.Equal(t, []string{fmt.Sprintf(mismatch, 1), fmt.Sprintf(unmarked, 1)}, lines())
		time.Sleep(time.Minute - 1)
		k.serve(mismatched())
		require.Empty(t, lines(), "the minute is not over")
		time.Sleep(time.Nanosecond)
		require.Equal(t, 200, k.serve(kirimPost(nativeBody)).Code)
		require.ElementsMatch(t, []string{fmt.Sprintf(mismatch, 500), fmt.Sprintf(unmarked, 499)}, lines(),
			"any request brings them")
		time.Sleep(30 * time.Second)
		k.serve(mismatched())
		time.Sleep(29 * time.Second)
		k.serve(post(nativeBody))
		require.Empty(t, lines())
		time.Sleep(time.Hour)
		k.serve(mismatched())
		require.ElementsMatch(t, []string{fmt.Sprintf(mismatch, 1), fmt.Sprintf(unmarked, 1)}, lines())
		time.Sleep(time.Hour)
		k.serve(kirimPost(nativeBody))
		require.Equal(t, []string{fmt.Sprintf(mismatch, 1)}, lines())
		time.Sleep(time.Hour)
		k.serve(kirimPost(nativeBody))
		require.Empty(t, lines(), "nothing is told twice")
	})
}

// Whatever strangers send, there are few reasons: neither the log nor the memory grows with them.
func TestRefusalsAreFew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		odd := receiver.Kirim(keys(kirimSecret))
		odd.Name, odd.Marks = "odd", []string{"X-Odd"}
		odd.Verify = func(r receiver.Request, _ time.Time) (int, error) { return -1, errors.New(r.Header.Get("X-Odd")) }
		k, lines := warned(t, func(c *receiver.Config) { c.Dialects = append(c.Dialects, odd) })
		random := rand.New(rand.NewPCG(1, 2))
		before := heap()
		for i := range 5000 {
			text := fmt.Sprintf("%d %d", i, random.Uint64())
			k.serve(post([]byte(text), "X-Odd", text))
			k.serve(post([]byte(text), "X-Kirim-Signature", text))
			k.serve(post([]byte(text), "X-Kirim-Signature", text, "X-Kirim-"+fmt.Sprint(i), text))
			k.serve(kirimPost([]byte(text)))
			k.serve(post([]byte(text), "X-"+fmt.Sprint(i), text))
			k.serve(httptest.NewRequest(fmt.Sprintf("M%d", i), "/", nil))
		}
		require.Len(t, lines(), 5)
		k.lock(func() { k.rejected = nil })
		require.Less(t, int64(heap())-int64(before), int64(1<<20))
	})
}

// Who does not sign is not told of signatures.
func TestRefusalsOfASharedSecret(t *testing.T) {
	for want, r := range map[string]*http.Request{
		"receiver: 401: the request carries no secret": post(kirisanBody, "X-Kirisan-Event", "incoming_message"),
		"receiver: 401: the request carries another secret": post(kirisanBody, "X-Kirisan-Event", "a", "X-Webhook-Secret",
			"b"),
		"receiver: 415: body is encoded; send it plain": kirisanPost(kirisanBody, "Content-Encoding", "gzip"),
	} {
		k := newRig(t, nil)
		k.serve(r)
		require.Len(t, k.rejected, 1)
		require.EqualError(t, k.rejected[0], want)
	}
}

// names are what an error may begin with; nowhere else does the name of a package stand.
var chained = regexp.MustCompile(`(: |\n[^\n]*: )(receiver|dedupe|envelope|kirim|kirisan|meta|signature|wire): `)

// An error is one sentence with one name of a package, whoever found the fault.
func TestErrorsNameOnePackage(t *testing.T) {
	var texts []string
	for _, r := range []*http.Request{
		post(nativeBody), mismatched(), post(nativeBody, "X-Kirim-Signature", "t"),
		post(nativeBody, "X-Kirim-Signature", "v1=0"),
		kirimPost([]byte(`{`)), kirimPost([]byte(`{}`)), kirimPost([]byte(`{"id":"é","type":"a"}`)),
		kirimPost([]byte(`{"entry":[1,{]}`)),
		kirimPost([]byte(`{"id":"a","type":"b","entry":[]}`)), kirimPost([]byte(`{"id":"a","id":"b"}`)),
		metaPost([]byte(`{"entry":1}`)),
		kirisanPost([]byte(`[]`)), kirisanPost(kirisanBody, "X-Kirisan-Device", "7"),
		kirimPost(nativeBody, "X-Kirim-Event", "b"),
		post(nativeBody, "X-Kirim-Signature", sign(kirimSecret, time.Now().Add(-time.Hour), nativeBody)),
		post(kirisanBody, "X-Kirisan-A", "b"),
	} {
		k := newRig(t, nil)
		k.serve(r)
		require.Len(t, k.rejected, 1)
		texts = append(texts, k.rejected[0].Error())
		require.NotRegexp(t, `err="(receiver|envelope|kirim|kirisan|meta|signature): `, k.logs.String())
	}

	m := receiver.NewMux()
	receiver.On(m, kirim.ContactCreated, func(context.Context, *receiver.Event, kirim.ContactData) error { return nil })
	err := m.HandleEvent(t.Context(), &receiver.Event{Event: envelope.Event{Source: envelope.Kirim,
		Type: "contact.created", Body: []byte(`{}`)}})
	require.ErrorIs(t, err, receiver.ErrDecode)
	require.ErrorIs(t, err, envelope.ErrMalformed)
	texts = append(texts, err.Error())

	_, err = receiver.Handler(nil, receiver.Config{Dedupe: &dedupe.Guard{TTL: -1, Wait: -1, Prefix: ":"},
		Dialects: []receiver.Dialect{
			receiver.Kirim(keys(`"` + kirimSecret)), receiver.Standard(keys("whsec_a")),
			receiver.Meta(keys(" "+appSecret), signature.NewSecret(" a")),
		}})
	texts = append(texts, err.Error())

	full := &dedupe.StoreError{Op: "claim", Err: dedupe.ErrFull}
	texts = append(texts, full.Error(), (&dedupe.StoreError{Op: "commit", Err: dedupe.ErrLeaseLost}).Error())
	require.ErrorIs(t, full, dedupe.ErrFull)
	for _, text := range texts {
		require.Regexp(t, `^(receiver|dedupe): `, text)
		require.NotRegexp(t, chained, text)
	}
}
