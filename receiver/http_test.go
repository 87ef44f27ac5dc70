package receiver_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
)

func TestHTTPSeesTheRequest(t *testing.T) {
	endpoint := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ev, ok := receiver.FromContext(r.Context())
		require.True(t, ok)
		require.Equal(t, "evt_1", ev.ID)
		body, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		require.Equal(t, nativeBody, body)
		require.EqualValues(t, len(nativeBody), r.ContentLength)
		require.Equal(t, "/webhooks", r.URL.Path)
		require.Equal(t, http.MethodPost, r.Method)
		require.Equal(t, "yes", r.Header.Get("X-Of-The-Host"))
		_, ok = r.Context().Deadline()
		require.True(t, ok)
		require.ErrorIs(t, http.NewResponseController(w).Flush(), http.ErrNotSupported)
		n, err := io.WriteString(w, "fine")
		require.NoError(t, err)
		require.Equal(t, 4, n)
	})
	k := newRig(t, receiver.HTTP(endpoint))
	r := kirimPost(nativeBody, "X-Of-The-Host", "yes")
	r.ContentLength, r.TransferEncoding = -1, []string{"chunked"}
	require.Equal(t, 200, k.serve(r).Code)
	require.Equal(t, 1, k.runs())
}

func TestHTTPStatus(t *testing.T) {
	for _, test := range []struct {
		name  string
		write func(w http.ResponseWriter)
		code  int
	}{
		{"nothing", func(http.ResponseWriter) {}, 200},
		{"a body", func(w http.ResponseWriter) { io.WriteString(w, "x") }, 200},
		{"201", func(w http.ResponseWriter) { w.WriteHeader(201) }, 200},
		{"204", func(w http.ResponseWriter) { w.WriteHeader(204) }, 200},
		{"299", func(w http.ResponseWriter) { w.WriteHeader(299) }, 200},
		{"300", func(w http.ResponseWriter) { w.WriteHeader(300) }, 500},
		{"304", func(w http.ResponseWriter) { w.WriteHeader(304) }, 500},
		{"399", func(w http.ResponseWriter) { w.WriteHeader(399) }, 500},
		{"400", func(w http.ResponseWriter) { w.WriteHeader(400) }, 400},
		{"499", func(w http.ResponseWriter) { w.WriteHeader(499) }, 499},
		{"599", func(w http.ResponseWriter) { w.WriteHeader(599) }, 599},
		{"600", func(w http.ResponseWriter) { w.WriteHeader(600) }, 500},
		{"101", func(w http.ResponseWriter) { w.WriteHeader(101) }, 500},
		{"103 alone", func(w http.ResponseWriter) { w.WriteHeader(103) }, 200},
		{"100, 102, 199 alone", func(w http.ResponseWriter) { w.WriteHeader(100); w.WriteHeader(102); w.WriteHeader(199) },
			200},
		{"103, then 500", func(w http.ResponseWriter) { w.WriteHeader(103); w.WriteHeader(500) }, 500},
		{"103, then 101", func(w http.ResponseWriter) { w.WriteHeader(103); w.WriteHeader(101) }, 500},
		{"0", func(w http.ResponseWriter) { w.WriteHeader(0) }, 500},
		{"0, then a body", func(w http.ResponseWriter) { w.WriteHeader(0); io.WriteString(w, "x") }, 500},
		{"-1", func(w http.ResponseWriter) { w.WriteHeader(-1) }, 500},
		{"-1, then 200", func(w http.ResponseWriter) { w.WriteHeader(-1); w.WriteHeader(200) }, 500},
		{"99", func(w http.ResponseWriter) { w.WriteHeader(99) }, 500},
		{"1000", func(w http.ResponseWriter) { w.WriteHeader(1000) }, 500},
		{"103, then a body", func(w http.ResponseWriter) { w.WriteHeader(103); io.WriteString(w, "x") }, 200},
		{"103, then 404", func(w http.ResponseWriter) { w.WriteHeader(103); w.WriteHeader(404) }, 404},
		{"200, then 500", func(w http.ResponseWriter) { w.WriteHeader(200); w.WriteHeader(500) }, 200},
		{"a body, then 500", func(w http.ResponseWriter) { io.WriteString(w, "x"); w.WriteHeader(500) }, 200},
		{"http.Error", func(w http.ResponseWriter) { http.Error(w, "private words", http.StatusServiceUnavailable) }, 503},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := newRig(t, receiver.HTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Set-Cookie", "private")
				w.Header().Set("Retry-After", "77")
				test.write(w)
			})))
			w := k.serve(kirimPost(nativeBody))
			require.Equal(t, test.code, w.Code)
			require.Empty(t, w.Header().Get("Set-Cookie"))
			require.Equal(t, http.StatusText(test.code), w.Body.String())
			if test.code >= 400 && test.code != 500 {
				require.Equal(t, "77", w.Header().Get("Retry-After"))
			}
			require.EqualValues(t, test.code == 200, k.store.committed.Load() == 1)
			require.EqualValues(t, test.code != 200, k.store.releases.Load() == 1)
		})
	}
	require.Panics(t, func() { receiver.HTTP(nil) })
}

// An inbox runs events long after their requests.
func TestHTTPWithoutARequest(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	ev := &receiver.Event{Event: envelope.Event{ID: "evt_1", Body: nativeBody}}
	ran := false
	h := receiver.HTTP(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ran = true
		got, ok := receiver.FromContext(r.Context())
		require.True(t, ok)
		require.Same(t, ev, got)
		body, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		require.Equal(t, nativeBody, body)
		require.Equal(t, http.MethodPost, r.Method)
		require.Equal(t, "/", r.URL.Path)
		require.Equal(t, "application/json", r.Header.Get("Content-Type"), "frameworks look at it before they read a body")
		_, ok = r.Context().Deadline()
		require.True(t, ok)
	}))
	require.NoError(t, h.HandleEvent(ctx, ev))
	require.True(t, ran)
	require.ErrorContains(t, receiver.HTTP(status(418)).HandleEvent(ctx, ev), "answered 418")
}

// A handler in between may pass on an event of its own making.
func TestHTTPBelowAnotherHandler(t *testing.T) {
	inner := receiver.HTTP(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ev, _ := receiver.FromContext(r.Context())
		require.Equal(t, "changed", ev.Type)
		require.Equal(t, "/webhooks", r.URL.Path)
	}))
	k := newRig(t, receiver.HandlerFunc(func(ctx context.Context, ev *receiver.Event) error {
		changed := *ev
		changed.Type = "changed"
		return inner.HandleEvent(ctx, &changed)
	}))
	require.Equal(t, 200, k.serve(kirimPost(nativeBody)).Code)
}
