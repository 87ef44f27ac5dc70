package sendertest_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
	"github.com/kirimhooks/kirimhooks/sender/sendertest"
)

func TestFaultyConfigEndsTheTest(t *testing.T) {
	for wrong, cfg := range map[string]sender.Config{
		"Config.Workers: -1":                        {Workers: -1},
		"Config.Transport leads past the endpoints": {Transport: http.DefaultTransport},
	} {
		s := watch(t, func(t testing.TB) {
			sendertest.New(t, cfg, sendertest.NewEndpoint(t))
			panic("not reached")
		})
		require.Len(t, s.failures, 1)
		require.Contains(t, s.failures[0], wrong)
	}
}

func TestRunTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := watch(t, func(t testing.TB) {
			s := sendertest.New(t, sender.Config{})
			synctest.Wait()
			sendertest.Run(t, s)
			synctest.Wait()
		})
		require.Len(t, s.failures, 1)
		require.Contains(t, s.failures[0], "Run is running already")
	})
}

// TestRunOverOwnStore publishes in the transaction of a store that the test made.
func TestRunOverOwnStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := sendertest.NewEndpoint(t)
		s, err := sender.New(memstore.New(), sender.Config{Transport: sendertest.Transport(t, e)})
		require.NoError(t, err)
		subscribe(t, s.Org("acme"), e)
		require.NoError(t, publishContact(s.Org("acme")))
		e.RequireNone()
		sendertest.Run(t, s)
		e.RequireRequests(1)
	})
}

func TestNothingOutlivesTheTest(t *testing.T) {
	for name, reply := range map[string]sendertest.Reply{
		"hang":  sendertest.Hang(),
		"delay": sendertest.Delay(time.Hour, sendertest.Status(200)),
		"drip":  sendertest.Drip(200, 1, time.Second),
		"idle":  sendertest.Status(200),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				var ran *sender.Sender
				s := watch(t, func(t testing.TB) {
					e := sendertest.NewEndpoint(t, reply)
					ran = sendertest.New(t, sender.Config{}, e)
					org := ran.Org("acme")
					subscribe(t, org, e)
					require.NoError(t, publishContact(org))
					e.RequireRequests(1)
				})
				require.Empty(t, s.failures)
				require.Zero(t, time.Since(began), "the end of the test cuts requests short")
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				require.NoError(t, ran.Run(ctx), "the first Run has returned")
			})
		})
	}
}

func TestLog(t *testing.T) {
	publish := func(t testing.TB, cfg sender.Config) *sender.Sender {
		e := sendertest.NewEndpoint(t)
		s := sendertest.New(t, cfg, e)
		subscribe(t, s.Org("acme"), e)
		require.NoError(t, publishContact(s.Org("acme")))
		e.RequireRequests(1)
		synctest.Wait()
		return s
	}
	synctest.Test(t, func(t *testing.T) {
		var s *sender.Sender
		test := watch(t, func(t testing.TB) {
			s = publish(t, sender.Config{Hooks: sender.Hooks{Published: func(context.Context,
				sender.Receipt) {
				panic("logged")
			}}})
		})
		require.Len(t, test.logs, 2)
		require.Contains(t, test.logs[0]+test.logs[1], "level=DEBUG msg=attempt")
		require.NoError(t, publishContact(s.Org("acme")), "what is logged after the test is dropped")

		var own bytes.Buffer
		test = watch(t, func(t testing.TB) {
			publish(t, sender.Config{Logger: slog.New(slog.NewTextHandler(&own, &slog.HandlerOptions{Level: slog.LevelDebug}))})
		})
		require.Empty(t, test.logs)
		require.Contains(t, own.String(), "msg=attempt")
	})
}
