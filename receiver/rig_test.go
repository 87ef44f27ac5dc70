package receiver_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/dedupe"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/signature"
)

const (
	kirimSecret   = "whsec_kirim-0123456789abcdef"
	kirisanSecret = "kirisan-shared-secret"
	appSecret     = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
	verifyToken   = "verify-me"
)

var (
	nativeBody  = []byte(`{"id":"evt_1","type":"contact.created","created_at":"2026-07-01T00:00:00Z","livemode":true,"data":{"contact":{"id":"ctc_1"}}}`)
	messageBody = []byte(`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messages":[{"id":"wamid.A","from":"62","timestamp":"1782864000","type":"text","text":{"body":"hi"}}]}}]}]}`)
	kirisanBody = []byte(`{"event":"incoming_message","device":"6281","channel":"whatsapp","sender":{"sender":"62"},"timestamp":1782864000,"production":true}`)
)

func statusBody(status, at string) []byte {
	return fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"statuses":[{"id":"wamid.A","status":%q,"timestamp":%q,"recipient_id":"62"}]}}]}]}`, status, at)
}

func keys(texts ...string) *signature.Keyring {
	var secrets []signature.Secret
	for _, s := range texts {
		secrets = append(secrets, signature.NewSecret(s))
	}
	return signature.NewKeyring(secrets...)
}

// sign is Kirim's scheme written down a second time.
func sign(secret string, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	io.WriteString(mac, t+".")
	mac.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

func post(body []byte, headers ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/webhooks", bytes.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

func kirimPost(body []byte, headers ...string) *http.Request {
	return post(body, append([]string{"X-Kirim-Signature", sign(kirimSecret, time.Now(), body)}, headers...)...)
}

func kirisanPost(body []byte, headers ...string) *http.Request {
	return post(body, append([]string{"X-Kirisan-Event", "incoming_message", "X-Webhook-Secret", kirisanSecret},
		headers...)...)
}

func metaPost(body []byte) *http.Request {
	mac := hmac.New(sha256.New, []byte(appSecret))
	mac.Write(body)
	return post(body, "X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
}

// rig is a handler for all four dialects of which everything is seen.
type rig struct {
	http.Handler
	store *spyStore
	logs  *bytes.Buffer

	mu       sync.Mutex
	events   []receiver.Event // one per run
	rejected []error
	dups     int
	failed   []error
	outcomes []receiver.Outcome
}

type option func(*receiver.Config)

func dialects(ds ...receiver.Dialect) option {
	return func(c *receiver.Config) { c.Dialects = ds }
}

func newRig(t testing.TB, next receiver.EventHandler, opts ...option) *rig {
	t.Helper()
	k := &rig{store: &spyStore{Store: dedupe.NewMemory(1000)}, logs: new(bytes.Buffer)}
	cfg := receiver.Config{
		Dialects: []receiver.Dialect{
			receiver.Kirim(keys(kirimSecret)), receiver.Kirisan(keys(kirisanSecret)),
			receiver.Meta(keys(appSecret), signature.NewSecret(verifyToken)),
		},
		Dedupe: &dedupe.Guard{Store: k.store},
		Logger: slog.New(slog.NewTextHandler(&lockedWriter{mu: &k.mu, w: k.logs},
			&slog.HandlerOptions{Level: slog.LevelDebug})),
		Hooks: receiver.Hooks{
			Rejected:  func(_ context.Context, _ string, err error) { k.lock(func() { k.rejected = append(k.rejected, err) }) },
			Duplicate: func(context.Context, *receiver.Event) { k.lock(func() { k.dups++ }) },
			StoreFailed: func(_ context.Context, _ *receiver.Event, err error) {
				k.lock(func() { k.failed = append(k.failed, err) })
			},
			Handled: func(_ context.Context, _ *receiver.Event, o receiver.Outcome) {
				k.lock(func() { k.outcomes = append(k.outcomes, o) })
			},
		},
	}
	for _, o := range opts {
		o(&cfg)
	}
	counted := receiver.HandlerFunc(func(ctx context.Context, ev *receiver.Event) error {
		k.lock(func() { k.events = append(k.events, *ev) })
		if next == nil {
			return nil
		}
		return next.HandleEvent(ctx, ev)
	})
	h, err := receiver.Handler(counted, cfg)
	require.NoError(t, err)
	k.Handler = h
	return k
}

func (k *rig) lock(f func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f()
}

func (k *rig) serve(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	k.ServeHTTP(w, r)
	return w
}

func (k *rig) runs() (n int) {
	k.lock(func() { n = len(k.events) })
	return n
}

func (k *rig) last(t testing.TB) receiver.Event {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	require.NotEmpty(t, k.events, "the handler did not run")
	return k.events[len(k.events)-1]
}

func returns(err error) receiver.EventHandler {
	return receiver.HandlerFunc(func(context.Context, *receiver.Event) error { return err })
}

type lockedWriter struct {
	mu *sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// spyStore counts the calls and fails those it is told to.
type spyStore struct {
	dedupe.Store
	calls                        atomic.Int64
	claimErr, commitErr          error
	claimed, committed, releases atomic.Int64
}

func (s *spyStore) Claim(
	ctx context.Context, key, token string, lease time.Duration,
) (dedupe.State, time.Duration, error) {
	s.calls.Add(1)
	if s.claimErr != nil {
		return 0, 0, s.claimErr
	}
	s.claimed.Add(1)
	return s.Store.Claim(ctx, key, token, lease)
}

func (s *spyStore) Commit(ctx context.Context, key, token string, ttl time.Duration) error {
	s.calls.Add(1)
	if s.commitErr != nil {
		return s.commitErr
	}
	s.committed.Add(1)
	return s.Store.Commit(ctx, key, token, ttl)
}

func (s *spyStore) Release(ctx context.Context, key, token string) error {
	s.calls.Add(1)
	s.releases.Add(1)
	return s.Store.Release(ctx, key, token)
}
