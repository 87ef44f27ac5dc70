package sender_test

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"testing"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
	"github.com/kirimhooks/kirimhooks/signature"
)

func TestNewRefuses(t *testing.T) {
	slowTest := sender.Kirim()
	slowTest.TestTimeout = time.Minute
	noSign := sender.Kirim()
	noSign.Sign = nil
	tests := []struct {
		name string
		cfg  sender.Config
		want string
	}{
		{"Workers", sender.Config{Workers: -1}, "Config.Workers"},
		{"PerSubscription", sender.Config{PerSubscription: -1}, "Config.PerSubscription"},
		{"a lease that might end before its attempt", sender.Config{Lease: 29 * time.Second},
			"Config.Lease: 29s might end before the attempt that it covers; at least 30s is needed"},
		{"the same for a slower contract", sender.Config{Contracts: []sender.Contract{sender.Kirim(), sender.Kirisan()},
			Lease: 49 * time.Second}, "at least 50s"},
		{"a lease that might end before the outcome is written",
			sender.Config{StoreTimeout: 15 * time.Second, Lease: 39 * time.Second}, "at least 40s"},
		{"a lease that might end before a test",
			sender.Config{Contracts: []sender.Contract{slowTest}, Lease: 64 * time.Second}, "at least 1m5s"},
		{"PollInterval", sender.Config{PollInterval: -1}, "Config.PollInterval"},
		{"StoreTimeout", sender.Config{StoreTimeout: -1}, "Config.StoreTimeout"},
		{"ShutdownTimeout", sender.Config{ShutdownTimeout: -1}, "Config.ShutdownTimeout"},
		{"MaxLapses", sender.Config{MaxLapses: -1}, "Config.MaxLapses"},
		{"MaxBody", sender.Config{MaxBody: -1}, "Config.MaxBody"},
		{"MaxSubscriptions", sender.Config{MaxSubscriptions: -2}, "Config.MaxSubscriptions"},
		{"AllowPrivate", sender.Config{AllowPrivate: []netip.Prefix{{}}}, "Config.AllowPrivate[0]: not a valid prefix"},
		{"NAT64", sender.Config{NAT64: []netip.Prefix{netip.MustParsePrefix("64:ff9b:1::/49")}},
			"Config.NAT64[0]: 64:ff9b:1::/49: the length must be"},
		{"NAT64 in two ways", sender.Config{NAT64: []netip.Prefix{netip.MustParsePrefix("64:ff9b:1::/48"),
			netip.MustParsePrefix("64:ff9b:1::/96")}}, "Config.NAT64[1]: 64:ff9b:1::/96 overlaps"},
		{"AllowPorts", sender.Config{AllowPorts: []uint16{443, 0}}, "Config.AllowPorts: 0 is not a port"},
		{"EgressProxy of another scheme", sender.Config{EgressProxy: &url.URL{Scheme: "socks5", Host: "proxy.test"}},
			"Config.EgressProxy: a proxy's scheme must be http or https"},
		{"EgressProxy with a path", sender.Config{EgressProxy: &url.URL{Scheme: "http", Host: "proxy.test", Path: "/p"}},
			"remove path, query and fragment"},
		{"EgressProxy without a host", sender.Config{EgressProxy: &url.URL{}}, "Config.EgressProxy"},
		{"EgressProxy and AllowPrivate", sender.Config{EgressProxy: &url.URL{Scheme: "http", Host: "proxy.test"},
			AllowPrivate: loopback}, "Config.EgressProxy: with AllowPrivate"},
		{"EgressProxy and Transport", sender.Config{EgressProxy: &url.URL{Scheme: "http", Host: "proxy.test"},
			Transport: statuses(200)}, "Config.EgressProxy: with Transport"},
		{"Retention.Identity", sender.Config{Retention: sender.Retention{Identity: time.Hour}}, "Config.Retention.Identity"},
		{"Retention", sender.Config{Retention: sender.Retention{HeldMax: -1}}, "Config.Retention"},
		{"Retention.Every", sender.Config{Retention: sender.Retention{Every: -time.Hour}}, "Config.Retention.Every"},
		{"contract twice", sender.Config{Contracts: []sender.Contract{sender.Kirim(), sender.Kirim()}},
			`Config.Contracts[1]: the name "kirim" stands twice`},
		{"contract without Sign", sender.Config{Contracts: []sender.Contract{noSign}}, "Config.Contracts[0]: Sign: required"},
		{"empty contract", sender.Config{Contracts: []sender.Contract{{}}}, "Config.Contracts[0]: Name: required"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := sender.New(memstore.New(), tt.cfg)
			require.ErrorContains(t, err, tt.want)
		})
	}
	t.Run("all complaints at once", func(t *testing.T) {
		_, err := sender.New(memstore.New(), sender.Config{Workers: -1, MaxBody: -1})
		require.ErrorContains(t, err, "Workers")
		require.ErrorContains(t, err, "MaxBody")
	})
	t.Run("no store", func(t *testing.T) {
		_, err := sender.New(nil, sender.Config{})
		require.ErrorContains(t, err, "store: required")
	})
	t.Run("the zero Config works", func(t *testing.T) {
		_, err := sender.New(memstore.New(), sender.Config{})
		require.NoError(t, err)
	})
}

func TestSchedules(t *testing.T) {
	sum := func(s sender.Schedule) (waits int, total time.Duration) {
		for {
			wait, more := s.Wait(waits + 1)
			if !more {
				return waits, total
			}
			waits++
			total += wait
		}
	}
	n, total := sum(sender.KirimSchedule())
	require.Equal(t, 8, n, "8 retries")
	require.InDelta(t, 24, total.Hours(), 0.5, "roughly 24 hours")
	n, total = sum(sender.KirimPublishedTable())
	require.Equal(t, 7, n, "8 attempts")
	require.Equal(t, 112_360*time.Second, total)
	n, _ = sum(sender.Once)
	require.Zero(t, n)
	for _, odd := range []int{0, -1} {
		_, more := sender.KirimSchedule().Wait(odd)
		require.False(t, more)
	}
}

func TestFromBackOff(t *testing.T) {
	s := sender.FromBackOff(func() backoff.BackOff {
		return backoff.WithMaxRetries(backoff.NewExponentialBackOff(
			backoff.WithInitialInterval(time.Second), backoff.WithMultiplier(2), backoff.WithRandomizationFactor(0),
			backoff.WithMaxElapsedTime(0)), 3)
	})
	for n, want := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 3: 4 * time.Second} {
		wait, more := s.Wait(n)
		require.True(t, more)
		require.Equal(t, want, wait, "a pure function of n, in any order")
	}
	_, more := s.Wait(4)
	require.False(t, more)
	_, more = s.Wait(0)
	require.False(t, more)
}

func TestClassify(t *testing.T) {
	kirim, kirisan, standard := sender.Kirim().Classify, sender.Kirisan().Classify, classifyOf(t, sender.Standard())
	for code := 100; code < 600; code++ {
		r := sender.Result{StatusCode: code, RetryAfter: time.Minute, Attempt: 1}
		wantKirim := sender.Retry
		switch {
		case code/100 == 2:
			wantKirim = sender.Delivered
		case code/100 == 4 && code != 408 && code != 429:
			wantKirim = sender.Dead
		}
		require.Equal(t, wantKirim, kirim(r).Judgement, code)
		wantStandard := wantKirim
		if code == 410 {
			wantStandard = sender.DeadAndDisable
		}
		require.Equal(t, wantStandard, standard(r).Judgement, code)
		wantKirisan := sender.Dead
		if code == 200 || code == 201 {
			wantKirisan = sender.Delivered
		}
		require.Equal(t, wantKirisan, kirisan(r).Judgement, code)
		if wantKirim == sender.Retry {
			require.Equal(t, time.Minute, kirim(r).RetryAfter, code)
		}
	}
	require.Equal(t, sender.Retry, kirim(sender.Result{ErrorClass: sender.ClassBlocked}).Judgement)
	require.Equal(t, sender.Dead, kirisan(sender.Result{ErrorClass: sender.ClassTimeout}).Judgement)
}

// classifyOf gives the classifier that a contract ends up with, its default included, by delivering under it.
func classifyOf(t *testing.T, c sender.Contract) func(sender.Result) sender.Verdict {
	t.Helper()
	require.Nil(t, c.Classify, "the default is meant")
	return func(r sender.Result) (v sender.Verdict) {
		bubble(t, func(t *testing.T) {
			c.Disable = func(sender.Health) bool { return false }
			r1 := newRig(t, &farEnd{answer: code(r.StatusCode)}, sender.Config{Contracts: []sender.Contract{c}})
			sub, _ := r1.subscribe(t, "https://example.com/", "*")
			_, err := r1.org.Publish(t.Context(),
				envelope.Event{Source: envelope.Standard,
					Body: []byte(`{"type":"a.b","timestamp":"2026-07-02T00:00:00Z","data":{}}`)})
			require.NoError(t, err)
			time.Sleep(time.Second)
			d := r1.only(t)
			switch {
			case d.State == sender.StateDelivered:
				v.Judgement = sender.Delivered
			case d.State == sender.StatePending:
				v.Judgement = sender.Retry
			case r1.status(t, sub.ID) == sender.StatusDisabled:
				v.Judgement = sender.DeadAndDisable
			default:
				v.Judgement = sender.Dead
			}
		})
		return v
	}
}

func TestStandardWebhooks(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(500, 204), sender.Config{Contracts: []sender.Contract{sender.Standard()}})
		sub, secret, err := r.org.Subscribe(t.Context(),
			sender.Subscription{URL: "https://example.com/", Events: []string{"invoice.*"}})
		require.NoError(t, err)
		fresh, err := r.org.RotateSecret(t.Context(), sub.ID, sender.Rotation{Overlap: time.Hour})
		require.NoError(t, err)
		body := []byte(`{"type":"invoice.paid","timestamp":"2026-07-02T00:00:00Z","data":{"id":1}}`)
		receipt := r.publish(t, envelope.Event{Source: envelope.Standard, Body: body})
		time.Sleep(time.Minute)
		got := r.far.requests()
		require.Len(t, got, 2)
		for _, g := range got {
			require.Equal(t, body, g.body)
			require.Equal(t, receipt.EventID, g.header.Get("Webhook-Id"))
			for _, s := range []signature.Secret{secret, fresh} {
				_, err := signature.VerifyStandard(g.header.Get("Webhook-Id"), g.header.Get("Webhook-Timestamp"),
					g.header.Get("Webhook-Signature"), g.body, g.at, 0, s)
				require.NoError(t, err)
			}
		}
		for _, id := range []string{"a.b", "a b"} { // the specification forbids both in ids, and no signature could be made
			_, err = r.org.Publish(t.Context(), envelope.Event{Source: envelope.Standard, ID: id, Body: body})
			require.ErrorIs(t, err, sender.ErrInvalid, id)
		}
		_, _, err = r.org.Subscribe(t.Context(), sender.Subscription{URL: "https://example.com/", Events: []string{"*"}},
			signature.NewSecret("whsec_not*base64*at*all"))
		require.ErrorIs(t, err, sender.ErrInvalid)
		a, err := r.org.Test(t.Context(), sub.ID, sender.TestRequest{})
		require.NoError(t, err)
		require.Equal(t, 204, a.StatusCode)
	})
}

// A subscription goes over from a shared secret to a key pair: while they overlap, either verifies.
func TestStandardEd25519(t *testing.T) {
	bubble(t, func(t *testing.T) {
		standard := sender.Standard()
		standard.Secrets.Generate = signature.GenerateEd25519
		r := newRig(t, statuses(204), sender.Config{Contracts: []sender.Contract{standard}})
		shared := signature.GenerateSecret()
		sub, _, err := r.org.Subscribe(t.Context(),
			sender.Subscription{URL: "https://example.com/", Events: []string{"*"}}, shared)
		require.NoError(t, err)
		private, err := r.org.RotateSecret(t.Context(), sub.ID, sender.Rotation{Overlap: time.Hour})
		require.NoError(t, err)
		send := func() (verified []bool) {
			r.publish(t, envelope.Event{Source: envelope.Standard, Body: []byte(`{"type":"invoice.paid","data":{}}`)})
			time.Sleep(time.Minute)
			requests := r.far.requests()
			g := requests[len(requests)-1]
			for _, s := range []signature.Secret{shared, private.Public(), signature.GenerateEd25519().Public()} {
				_, err := signature.VerifyStandard(g.header.Get("Webhook-Id"), g.header.Get("Webhook-Timestamp"),
					g.header.Get("Webhook-Signature"), g.body, g.at, 0, s)
				verified = append(verified, err == nil)
			}
			return verified
		}
		require.Equal(t, []bool{true, true, false}, send())
		require.NoError(t, r.org.EndOverlap(t.Context(), sub.ID))
		require.Equal(t, []bool{false, true, false}, send())

		_, err = r.org.RotateSecret(t.Context(), sub.ID, sender.Rotation{Secret: private.Public()})
		require.ErrorIs(t, err, sender.ErrInvalid)
		require.ErrorContains(t, err, "cannot sign")
	})
}

// Failing for 5 days with at least 10 dead in a row disables; fewer, or a shorter time, does not.
// Both bounds must be reached, and no more than that.
func TestStandardDisables(t *testing.T) {
	const days5 = 5 * 24 * time.Hour
	for name, tt := range map[string]struct {
		deads int // the first at once, the last at the end, those between right after the first
		over  time.Duration
		want  sender.Status
	}{
		"10 over 5 days":                    {10, days5, sender.StatusDisabled},
		"9 over 6 days":                     {9, days5 + 24*time.Hour, sender.StatusActive},
		"20 over a second less than 5 days": {20, days5 - time.Second, sender.StatusActive},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				r := newRig(t, statuses(404), sender.Config{Contracts: []sender.Contract{sender.Standard()}})
				sub, _ := r.subscribe(t, "https://example.com/", "*")
				began := time.Now()
				publish := func() {
					r.publish(t, envelope.Event{Source: envelope.Standard,
						Body: []byte(`{"type":"a.b","timestamp":"2026-07-02T00:00:00Z","data":{}}`)})
				}
				for range tt.deads - 1 {
					publish()
					time.Sleep(time.Second)
				}
				require.Equal(t, sender.StatusActive, r.status(t, sub.ID))
				// Failing counts from when the first was settled, some milliseconds after it was published.
				time.Sleep(tt.over - time.Since(began) + 20*time.Millisecond)
				publish()
				time.Sleep(time.Minute)
				require.Equal(t, tt.want, r.status(t, sub.ID))
			})
		})
	}
}

// A third party states what differs, and gets the rest.
func TestOwnContract(t *testing.T) {
	bubble(t, func(t *testing.T) {
		acme := sender.Contract{
			Name: "acme", Sources: []envelope.Source{"acme"}, Reserved: []string{"X-Acme-"},
			Schedule: sender.Waits{time.Second, time.Minute},
			Secrets:  sender.SecretRule{Single: true},
			Sign: func(h http.Header, o sender.Outgoing) error {
				if len(o.Secrets) != 1 {
					return errors.New("one secret expected")
				}
				h.Set("X-Acme-Kind", o.Event.Type)
				h.Set("X-Acme-Token", o.Secrets[0].Reveal())
				return nil
			},
		}
		r := newRig(t, statuses(500, 302, 200), sender.Config{Contracts: []sender.Contract{acme, sender.Kirim()}})
		_, secret := r.subscribe(t, "https://example.com/", "order.*")
		receipt := r.publish(t, envelope.Event{Source: "acme", Type: "order.paid", Body: []byte(`{"kind":"order.paid"}`)})
		require.Regexp(t, "^evt_", receipt.EventID, "a fresh id")
		time.Sleep(2 * time.Minute)
		got := r.far.requests()
		require.Len(t, got, 3)
		require.Equal(t, "order.paid", got[2].header.Get("X-Acme-Kind"))
		require.Equal(t, secret, got[2].header.Get("X-Acme-Token"))
		require.Equal(t, "kirimhooks/1.0", got[2].header.Get("User-Agent"))
		_, _, err := r.org.Subscribe(t.Context(),
			sender.Subscription{URL: "https://example.com/", Events: []string{"*"},
				Headers: map[string]string{"X-Acme-Kind": "x"}})
		require.ErrorIs(t, err, sender.ErrInvalid)
		_, err = r.org.Publish(t.Context(), envelope.Event{Source: "acme", Body: []byte(`{}`)})
		require.ErrorContains(t, err, "Type")
		_, err = r.org.Publish(t.Context(), envelope.Event{Source: "acme", Type: "a", Body: []byte(`{`)})
		require.ErrorContains(t, err, "not JSON")
	})
}
