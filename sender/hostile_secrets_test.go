package sender_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/testnet"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
	"github.com/kirimhooks/kirimhooks/signature"
)

const (
	canarySecret = "whsec_CANARY-OF-THE-SECRET"
	canaryToken  = "CANARY-OF-THE-URL"
	canaryHeader = "CANARY-OF-A-HEADER"
)

// requireHidden fails if text shows one of the canaries, plain or encoded.
func requireHidden(t *testing.T, text string) {
	t.Helper()
	for _, canary := range []string{canarySecret, canaryToken, canaryHeader} {
		for _, form := range []string{
			canary, hex.EncodeToString([]byte(canary)),
			strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(canary)), "="),
			fmt.Sprint([]byte(canary)),
		} {
			require.NotContains(t, text, form)
		}
	}
}

// guarded is a subscription of which nothing may be told.
func guarded(url string) sender.Subscription {
	return sender.Subscription{
		URL: url + "?token=" + canaryToken, Events: []string{"*"}, Headers: map[string]string{"Authorization": canaryHeader},
	}
}

// Whatever part of the host panics, and whatever with, the log says where and no more.
func TestPanicsTellNoSecret(t *testing.T) {
	everything := func() { panic(fmt.Sprint(canarySecret, canaryToken, canaryHeader)) }
	hooks := map[string]func(*sender.Hooks){
		"Published":   func(h *sender.Hooks) { h.Published = func(context.Context, sender.Receipt) { everything() } },
		"Traceparent": func(h *sender.Hooks) { h.Traceparent = func(context.Context) string { everything(); return "" } },
		"AttemptStart": func(h *sender.Hooks) {
			h.AttemptStart = func(context.Context, sender.Delivery, string) context.Context { everything(); return nil }
		},
		"AttemptDone": func(h *sender.Hooks) {
			h.AttemptDone = func(context.Context, sender.Delivery, sender.Attempt) { everything() }
		},
		"Finished": func(h *sender.Hooks) { h.Finished = func(context.Context, sender.Delivery) { everything() } },
	}
	for name, set := range hooks {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				var cfg sender.Config
				set(&cfg.Hooks)
				r := newRig(t, statuses(200), cfg)
				_, _, err := r.org.Subscribe(t.Context(), guarded("https://example.com/"), signature.NewSecret(canarySecret))
				require.NoError(t, err)
				r.publish(t, contactCreated(t))
				synctest.Wait()
				require.Equal(t, sender.StateDelivered, r.only(t).State)
				r.stop()
				require.Contains(t, r.logs.String(), "hook="+name)
				requireHidden(t, r.logs.String())
			})
		})
	}
	t.Run("Sign", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			contract := sender.Kirim()
			contract.Sign = func(_ http.Header, o sender.Outgoing) error { panic(o.Secrets[0].Reveal()) }
			r := newRig(t, statuses(200), sender.Config{Contracts: []sender.Contract{contract}})
			_, _, err := r.org.Subscribe(t.Context(), guarded("https://example.com/"), signature.NewSecret(canarySecret))
			require.NoError(t, err)
			r.publish(t, contactCreated(t))
			synctest.Wait()
			r.stop()
			require.Contains(t, r.logs.String(), "attempt panicked")
			requireHidden(t, r.logs.String())
		})
	})
}

// The errors of the network quote the URL, and those of HTTP the answer: none of that gets through.
func TestFailuresOfTheNetworkTellNoSecret(t *testing.T) {
	echo := after(func(c *testnet.Conn) {
		c.Say("HTTP/1.1 " + canarySecret + canaryToken + canaryHeader + "\r\n\r\n")
	})
	gone := testnet.Serve(t, "127.0.1.1:0", (*testnet.Conn).Reset).URL("http")
	logs := new(lockedBuffer)
	cfg := impatient()
	cfg.Logger = slog.New(slog.NewJSONHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var rows strings.Builder
	cfg.Hooks.AttemptDone = func(_ context.Context, d sender.Delivery, a sender.Attempt) {
		fmt.Fprintf(&rows, "%+v %+v\n",
			d, a)
	}
	s, err := sender.New(newHooked(), cfg)
	require.NoError(t, err)
	org := s.Org("acme")
	for _, url := range []string{
		gone,
		testnet.Serve(t, "127.0.1.1:0", echo).URL("http"),
		testnet.Serve(t, "127.0.1.1:0", (*testnet.Conn).Hang).URL("https"),
		testnet.Serve(t, "127.0.1.1:0", says("no TLS")).URL("https"),
		"http://127.0.1.1:1/", "https://nowhere.test/", "https://localhost/",
	} {
		sub, _, err := org.Subscribe(t.Context(), guarded(url), signature.NewSecret(canarySecret))
		require.NoError(t, err)
		a, err := org.Test(t.Context(), sub.ID, sender.TestRequest{Type: "contact.created"})
		require.NoError(t, err)
		require.NotEmpty(t, a.ErrorClass, url)
	}
	require.Equal(t, 7, strings.Count(rows.String(), "\n"))
	for _, told := range []string{`"msg":"attempt"`, "connection refused", "the answer is not valid HTTP/1.1"} {
		require.Contains(t, logs.String(), told, "operators learn more than the class")
	}
	require.NotContains(t, rows.String(), "connection refused", "tenants do not")
	requireHidden(t, logs.String()+rows.String())
}

// What is refused is named, not repeated.
func TestRefusalsTellNoSecret(t *testing.T) {
	s, err := sender.New(newHooked(), overLoopback(sender.Kirim(), sender.Kirisan()))
	require.NoError(t, err)
	org, secret := s.Org("acme"), signature.NewSecret(canarySecret)
	fine := guarded("https://example.com/")
	refused := map[string]func() error{
		"userinfo": func() error {
			return subscribe(t, org, sender.Subscription{URL: "https://" + canarySecret + ":" + canaryToken + "@example.com/",
				Events: fine.Events})
		},
		"fragment": func() error { return subscribe(t, org, sender.Subscription{URL: fine.URL + "#", Events: fine.Events}) },
		"no URL": func() error {
			return subscribe(t, org, sender.Subscription{URL: "https://[" + canaryToken, Events: fine.Events})
		},
		"header": func() error {
			return subscribe(t, org, sender.Subscription{URL: fine.URL, Events: fine.Events,
				Headers: map[string]string{"Authorization": canaryHeader + "\n"}})
		},
		"Kirisan's secret": func() error {
			return subscribe(t, org, sender.Subscription{
				URL: fine.URL, Contract: "kirisan", Events: []string{"incoming_message"},
				Devices: []sender.Device{{ID: "1", Channel: "whatsapp"}},
			}, signature.NewSecret(canarySecret+strings.Repeat("x", 600)))
		},
		"secrets": func() error { return subscribe(t, org, fine, make([]signature.Secret, 16)...) },
		"short":   func() error { return subscribe(t, org, fine, signature.NewSecret("CANARY")) },
		"moved": func() error {
			sub, _, err := org.Subscribe(t.Context(), fine, secret)
			require.NoError(t, err)
			_, err = org.Update(t.Context(), sub.ID,
				func(s *sender.Subscription) { s.URL = "https://example.org/?token=" + canaryToken })
			return err
		},
		"rotated": func() error {
			_, err := org.RotateSecret(t.Context(), "wbs_unknown", sender.Rotation{Overlap: time.Hour, Secret: secret})
			return err
		},
	}
	for name, refuse := range refused {
		err := refuse()
		require.Error(t, err, name)
		requireHidden(t, fmt.Sprintf("%v %+v %#v", err, err, err))
		require.NotContains(t, err.Error(), "CANARY")
	}
	shown, err := json.Marshal(sender.Outgoing{Secrets: []signature.Secret{secret}})
	require.Error(t, err, "a secret does not marshal")
	requireHidden(t, fmt.Sprintf("%s %v %+v %#v %v %+v", shown, err, s, s, org,
		sender.Outgoing{Secrets: []signature.Secret{secret}}))
}

func subscribe(t *testing.T, org *sender.Org, sub sender.Subscription, secrets ...signature.Secret) error {
	t.Helper()
	_, _, err := org.Subscribe(t.Context(), sub, secrets...)
	return err
}

// A secret that an endpoint echoes is masked in what is kept, also where the reading of the answer, or what is kept of
// it, ends in the middle of it.
func TestEchoedSecretsAreMasked(t *testing.T) {
	secret := canarySecret + strings.Repeat("0123456789", 40)
	for _, ahead := range []int{0, 1, 200, 500, 1000} {
		for _, times := range []int{1, 60} {
			bubble(t, func(t *testing.T) {
				r := newRig(t, &farEnd{answer: func(int, *http.Request) (*http.Response, error) {
					resp := reply(404)
					resp.Body = io.NopCloser(strings.NewReader(strings.Repeat("x", ahead) + strings.Repeat(secret, times)))
					return resp, nil
				}}, sender.Config{})
				require.NoError(t, subscribe(t, r.org, guarded("https://example.com/"), signature.NewSecret(secret)))
				r.publish(t, contactCreated(t))
				synctest.Wait()
				a := r.attempts(t, r.only(t).ID)[0]
				require.Contains(t, a.Response, "[secret]")
				requireHidden(t, a.Response)
				require.NotContains(t, a.Response, "whsec_")
			})
		}
	}
}

// What an endpoint says beyond its answer net/http writes to the standard logger. An echo there holds no secret:
// Kirim's is never sent, and for Kirisan, whose is, no connection is kept.
func TestSurplusBytesTellNoSecret(t *testing.T) {
	var said lockedBuffer
	log.SetOutput(&said)
	defer log.SetOutput(os.Stderr)
	server := testnet.Serve(t, "127.0.1.1:0", func(c *testnet.Conn) {
		head := make([]byte, 4096)
		n, _ := c.Read(head)
		c.Say("HTTP/1.1 204 No Content\r\n\r\nsurplus " + string(head[:n]))
		c.Hang()
	})
	for _, sub := range []sender.Subscription{
		{Contract: "kirim", Events: []string{"contact.created"}},
		{Contract: "kirisan", Events: []string{"incoming_message"}, Devices: []sender.Device{{ID: "1", Channel: "whatsapp"}}},
	} {
		// A Sender each: on a shared connection the surplus of the one would answer the other.
		s, err := sender.New(memstore.New(), overLoopback(sender.Kirim(), sender.Kirisan()))
		require.NoError(t, err)
		org := s.Org("acme")
		sub.URL = server.URL("http")
		sub, _, err := org.Subscribe(t.Context(), sub, signature.NewSecret(canarySecret))
		require.NoError(t, err)
		a, err := org.Test(t.Context(), sub.ID, sender.TestRequest{})
		require.NoError(t, err)
		require.Equal(t, 204, a.StatusCode)
	}
	requireHidden(t, said.String())
}
