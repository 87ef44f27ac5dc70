package sender_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
)

// Operators learn why an attempt got no answer, and their tenants no more than its class.
func TestCauseOfAFailedAttempt(t *testing.T) {
	tls := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer tls.Close()
	garbage := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, _, _ := w.(http.Hijacker).Hijack()
		fmt.Fprintf(c, "you sent %s\r\n\r\n", r.Header.Get("X-Kirim-Signature"))
		c.Close()
	}))
	defer garbage.Close()
	fine := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter,
		_ *http.Request) {
		w.WriteHeader(http.StatusTeapot)
	}))
	defer fine.Close()
	for _, c := range []struct {
		url, class, text string
		allow            bool
		is               func(error) bool
	}{
		{"https://localhost/?t=TOKEN", sender.ClassBlocked, "127.0.0.1 is not public: 127.0.0.0/8 (loopback)", false, nil},
		{tls.URL + "/?t=TOKEN", sender.ClassTLS, "certificate", true, func(err error) bool {
			var unknown x509.UnknownAuthorityError
			return errors.As(err, &unknown)
		}},
		{garbage.URL + "/?t=TOKEN", sender.ClassProtocol, "the answer is not valid HTTP/1.1", true, nil},
		{fine.URL, "", "", true, nil},
	} {
		var mu sync.Mutex
		var causes []error
		cfg := sender.Config{Logger: slog.New(slog.DiscardHandler), Hooks: sender.Hooks{Failed: func(
			_ context.Context, d sender.Delivery, a sender.Attempt, cause error,
		) {
			mu.Lock()
			defer mu.Unlock()
			causes = append(causes, cause)
			if d.ID == "" || a.ErrorClass != c.class || a.N != 1 {
				causes = append(causes, fmt.Errorf("%+v %+v", d, a))
			}
			panic("a hook's panic ends nothing")
		}}}
		if c.allow {
			cfg.AllowPrivate = loopback
		}
		a := deliverOverTheNetwork(t, cfg, c.url)
		require.Equal(t, c.class, a.ErrorClass)
		require.Empty(t, a.Response)
		mu.Lock()
		if c.class == "" {
			require.Empty(t, causes, "an answer speaks for itself")
			mu.Unlock()
			continue
		}
		require.Len(t, causes, 1)
		for _, print := range []string{causes[0].Error(), fmt.Sprintf("%v %+v %s", causes[0], causes[0], causes[0])} {
			require.Contains(t, print, c.text)
			require.NotContains(t, print, "TOKEN")
			require.NotContains(t, print, "you sent")
		}
		require.True(t, c.is == nil || c.is(causes[0]))
		mu.Unlock()
	}
}

// With a transport of the host's own, the cause is that one's error; what our shutdown cut off has none.
func TestCauseOfATransportOfTheHost(t *testing.T) {
	bubble(t, func(t *testing.T) {
		fault := errors.New("the host's own fault")
		var causes []error
		r := newRig(t, &farEnd{answer: func(n int, req *http.Request) (*http.Response, error) {
			if n == 1 {
				return nil, fault
			}
			return hang(req)
		}}, sender.Config{ShutdownTimeout: time.Second, Hooks: sender.Hooks{
			Failed: func(_ context.Context, _ sender.Delivery, _ sender.Attempt, cause error) {
				causes = append(causes, cause)
			},
		}})
		r.subscribe(t, "https://example.com/", "*")
		r.publish(t, contactCreated(t))
		synctest.Wait()
		require.Equal(t, []error{fault}, causes)
		time.Sleep(15 * time.Second)
		require.Len(t, r.far.requests(), 2)
		r.stop()
		require.Len(t, causes, 1)
	})
}
