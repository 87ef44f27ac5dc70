package receiver_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/dedupe"
	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/signature"
)

// scheme is a dialect and how a request claims to be of it.
type scheme struct {
	dialect receiver.Dialect
	body    []byte
	mark    string // a header that marks and proves nothing
	prove   func(h http.Header, genuine bool, body []byte)
}

func schemes() []scheme {
	return []scheme{
		{receiver.Kirim(keys(kirimSecret)), nativeBody, "X-Kirim-Delivery-Id", func(
			h http.Header, genuine bool, body []byte,
		) {
			h.Set("X-Kirim-Signature", sign(pick(genuine, kirimSecret, kirisanSecret), time.Now(), body))
		}},
		{receiver.Kirisan(keys(kirisanSecret)), kirisanBody, "X-Kirisan-Event", func(h http.Header, genuine bool, _ []byte) {
			h.Set("X-Webhook-Secret", pick(genuine, kirisanSecret, kirimSecret))
		}},
		{receiver.Meta(keys(appSecret), signature.NewSecret(verifyToken)), messageBody, "X-Hub-Signature-256", func(
			h http.Header, genuine bool, body []byte,
		) {
			h.Set("X-Hub-Signature-256", string(signature.SignMeta(nil, body,
				signature.NewSecret(pick(genuine, appSecret, kirimSecret)))))
		}},
		{receiver.Standard(keys(standardSecret)), standardBody, "Webhook-Id", func(h http.Header, genuine bool, body []byte) {
			now := time.Now()
			h.Set("Webhook-Id", "msg_1")
			h.Set("Webhook-Timestamp", fmt.Sprint(now.Unix()))
			s := signature.NewSecret(pick(genuine, standardSecret, "whsec_"+"b3RoZXIgc2VjcmV0IG9mIHRoZSBzYW1lIGxlbmd0aA=="))
			h.Set("Webhook-Signature", string(signature.SignStandard(nil, "msg_1", body, now, s)))
		}},
	}
}

// What a request may carry of a dialect: one of kinds.
const (
	nothing = iota
	markAlone
	forged
	genuine
	genuineUnmarked
	kinds
)

// carry adds to a request what it carries of s, and says whether it is marked by that and whether the credential fits.
func (s *scheme) carry(h http.Header, kind int, body []byte) (marked, fits bool) {
	if kind != nothing && kind != genuineUnmarked {
		h.Set(s.mark, pick(s.mark == "X-Kirisan-Event", "incoming_message", "x"))
	}
	fits = kind == genuine || kind == genuineUnmarked
	if fits || kind == forged {
		s.prove(h, fits, body)
	}
	// All credentials but Kirisan's are marks themselves.
	return kind != nothing && !(kind == genuineUnmarked && s.dialect.Name == "kirisan"), fits
}

// TestOnlyOwnCredential crosses which dialects are configured with what a request carries of each. A handler runs only
// where exactly one configured dialect is marked and its own credential fits.
func TestOnlyOwnCredential(t *testing.T) {
	all := schemes()
	for configured := 1; configured < 1<<len(all); configured++ {
		var ds []receiver.Dialect
		for i, s := range all {
			if configured>>i&1 == 1 {
				ds = append(ds, s.dialect)
			}
		}
		k := newRig(t, nil, dialects(ds...), func(c *receiver.Config) { c.Logger = slog.New(slog.DiscardHandler) })
		for carried := range kinds * kinds * kinds * kinds {
			for body := range all {
				k.events, k.store.Store = nil, dedupe.NewMemory(1)
				k.store.calls.Store(0)
				r := post(all[body].body)
				listened, fitting := 0, 0 // dialects, one bit each
				for i, rest := 0, carried; i < len(all); i, rest = i+1, rest/kinds {
					marked, fits := all[i].carry(r.Header, rest%kinds, all[body].body)
					if marked {
						listened |= configured & (1 << i)
					}
					if fits {
						fitting |= 1 << i
					}
				}
				w := k.serve(r)
				what := fmt.Sprintf("configured %04b, carried %04s, body %d: %d", configured,
					strconv.FormatInt(int64(carried), kinds), body, w.Code)
				if k.runs() > 0 {
					require.NotZero(t, listened&fitting, what)
					require.Zero(t, listened&(listened-1), what)
				}
				if listened == 1<<body && fitting&listened != 0 {
					require.Equal(t, 1, k.runs(), what)
					require.Equal(t, all[body].dialect.Name, k.last(t).Dialect)
				}
				if w.Code == 401 || w.Code == 400 {
					require.Zero(t, k.store.calls.Load(), what)
				}
			}
		}
	}
}

func pick(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

func TestHandlerComplains(t *testing.T) {
	good := receiver.Kirim(keys(kirimSecret))
	parse := func(receiver.Request) (envelope.Event, string, error) { return envelope.Event{}, "", nil }
	verify := func(receiver.Request, time.Time) (int, error) { return 0, nil }
	for name, test := range map[string]struct {
		cfg  receiver.Config
		want []string
	}{
		"nothing": {receiver.Config{}, []string{"Config.Dialects: at least one is required"}},
		"faulty guard": {receiver.Config{Dialects: []receiver.Dialect{good}, Dedupe: &dedupe.Guard{TTL: -1}},
			[]string{"Config.Dedupe: Guard.TTL: -1ns is negative"}},
		"negative limit": {receiver.Config{Dialects: []receiver.Dialect{good}, MaxBody: -1},
			[]string{"Config.MaxBody: -1 is negative"}},
		"no room": {receiver.Config{Dialects: []receiver.Dialect{good}, MaxUnverified: 4<<20 - 1},
			[]string{"Config.MaxUnverified: 4194303 has no room for one body of 4194304 bytes"}},
		"nil keyring":   with(receiver.Kirim(nil), "dialect kirim: no secret"),
		"empty keyring": with(receiver.Kirisan(keys()), "dialect kirisan: no secret"),
		"empty secret":  with(receiver.Kirisan(keys("")), "dialect kirisan: "),
		"short secret": with(receiver.Kirim(keys("whsec_123456789")),
			"dialect kirim: secret 0: 15 bytes, at least 16 are needed"),
		"long secret": with(receiver.Kirisan(keys(string(make([]byte, 513)))),
			"dialect kirisan: secret 0: 513 bytes, 1 to 512 are possible"),
		"second is short": with(receiver.Kirim(keys(kirimSecret, "short")), "dialect kirim: secret 1"),
		"no app secret":   with(receiver.Meta(nil, signature.NewSecret("x")), "dialect meta: no secret"),
		"no verify token": with(receiver.Meta(keys(appSecret), signature.Secret{}), "dialect meta: no verify token"),
		"not base64":      with(receiver.Standard(keys("whsec_!")), "dialect standard: secret 0: "),
		"standard, none":  with(receiver.Standard(nil), "dialect standard: no secret"),
		"zero dialect": with(receiver.Dialect{}, `dialect "": Name`, "Marks: at least one", "Verify is required",
			"Parse is required"),
		"colon in name": with(receiver.Dialect{Name: "a:b", Marks: []string{"X"}, Verify: verify, Parse: parse},
			"dialect a:b: Name"),
		"empty mark": with(receiver.Dialect{Name: "a", Marks: []string{""}, Verify: verify, Parse: parse},
			`"" is not a header name`),
		"prefix of all": with(receiver.Dialect{Name: "a", Marks: []string{"-"}, Verify: verify, Parse: parse},
			`"-" is not a header name`),
		"deadline": with(receiver.Dialect{Name: "a", Marks: []string{"X"}, Verify: verify, Parse: parse, Deadline: -1},
			"Deadline: -1ns is negative"),
		"remember": with(receiver.Dialect{Name: "a", Marks: []string{"X"}, Verify: verify, Parse: parse, Remember: -1},
			"Remember: -1ns is negative"),
		"check": with(receiver.Dialect{Name: "a", Marks: []string{"X"}, Verify: verify, Parse: parse,
			Check: func() error { return errors.New("not today") }}, "dialect a: not today"),
		"twice": {receiver.Config{Dialects: []receiver.Dialect{good, good}},
			[]string{"dialect kirim: stands twice"}},
		"shared marks": {
			receiver.Config{Dialects: []receiver.Dialect{receiver.Kirisan(keys(kirisanSecret)), receiver.KirisanUnsigned()}},
			[]string{"dialects kirisan and kirisan-unsigned share the mark X-Kirisan-"},
		},
		"mark below a prefix": {
			receiver.Config{Dialects: []receiver.Dialect{good,
				{Name: "a", Marks: []string{"x-kirim-mine"}, Verify: verify, Parse: parse}}},
			[]string{"dialects kirim and a share the mark x-kirim-mine"},
		},
		"several": {
			receiver.Config{MaxBody: -5, Dialects: []receiver.Dialect{receiver.Kirim(nil), receiver.Kirisan(nil)}},
			[]string{"MaxBody", "dialect kirim", "dialect kirisan"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			h, err := receiver.Handler(returns(nil), test.cfg)
			require.Nil(t, h)
			for _, want := range test.want {
				require.ErrorContains(t, err, want)
			}
		})
	}
	_, err := receiver.Handler(nil, receiver.Config{})
	require.ErrorContains(t, err, "receiver: next")
	require.ErrorContains(t, err, "Config.Dialects")
}

func with(d receiver.Dialect, want ...string) struct {
	cfg  receiver.Config
	want []string
} {
	return struct {
		cfg  receiver.Config
		want []string
	}{receiver.Config{Dialects: []receiver.Dialect{d}}, want}
}

func TestOwnDialectPanics(t *testing.T) {
	d := receiver.Kirim(keys(kirimSecret))
	d.Parse = func(receiver.Request) (envelope.Event, string, error) { panic("unforeseen") }
	k := newRig(t, nil, dialects(d))
	require.Equal(t, 500, k.serve(kirimPost(nativeBody)).Code)
	require.Contains(t, k.logs.String(), "unforeseen")
	require.Zero(t, k.store.calls.Load())
}

func TestMarksIgnoreCase(t *testing.T) {
	d := receiver.Kirim(keys(kirimSecret))
	d.Marks, d.Once = []string{"x-kirim-"}, []string{"x-KIRIM-"}
	k := newRig(t, nil, dialects(d))
	require.Equal(t, 200, k.serve(kirimPost(nativeBody)).Code)
	require.Equal(t, 400, k.serve(kirimPost(nativeBody, "X-Kirim-Other", "1", "X-Kirim-Other", "2")).Code)
}

func TestKeyOfDialect(t *testing.T) {
	d := receiver.Kirim(keys(kirimSecret))
	d.Key = func(ev envelope.Event) string { return ev.Type }
	k := newRig(t, nil, dialects(d))
	other := []byte(`{"id":"evt_2","type":"contact.created","data":{}}`)
	require.Equal(t, 200, k.serve(kirimPost(nativeBody)).Code)
	require.Equal(t, "kirim:contact.created", k.last(t).Key)
	require.Equal(t, 200, k.serve(kirimPost(other)).Code)
	require.Equal(t, 1, k.runs(), "same key, other event")

	d.Key = func(envelope.Event) string { return "" }
	k = newRig(t, nil, dialects(d))
	for range 2 {
		require.Equal(t, 200, k.serve(kirimPost(nativeBody)).Code)
	}
	require.Equal(t, 2, k.runs(), "without a key nothing is a duplicate")
	require.Zero(t, k.store.calls.Load())
}

func TestEventFields(t *testing.T) {
	k := newRig(t, nil, dialects(receiver.Kirim(keys("whsec_another-0123456789", kirimSecret))))
	for _, test := range []struct {
		delivery, attempt string
		wantDelivery      string
		wantAttempt       int
	}{
		{"wbd_1", "3", "wbd_1", 3},
		{"", "", "", 0},
		{"wbd_\x7f", "x", "", 0},
		{string(make([]byte, 256)), "-1", "", 0},
		{"wbd 2", "99999999999999999999", "wbd 2", 0},
	} {
		body := fmt.Appendf(nil, `{"id":"evt_%d","type":"a","data":{}}`, k.runs())
		before := time.Now()
		w := k.serve(kirimPost(body, "X-Kirim-Delivery-Id", test.delivery, "X-Kirim-Attempt", test.attempt))
		require.Equal(t, 200, w.Code)
		ev := k.last(t)
		require.Equal(t, test.wantDelivery, ev.DeliveryID)
		require.Equal(t, test.wantAttempt, ev.Attempt)
		require.Equal(t, 1, ev.Secret)
		require.Equal(t, "kirim", ev.Dialect)
		require.WithinRange(t, ev.ReceivedAt, before, time.Now())
		require.Equal(t, body, []byte(ev.Body))
	}
}
