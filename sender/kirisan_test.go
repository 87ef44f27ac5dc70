package sender_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
	"github.com/kirimhooks/kirimhooks/signature"
)

func kirisanOnly() sender.Config {
	return sender.Config{Contracts: []sender.Contract{sender.Kirisan()}}
}

var (
	whatsapp = sender.Device{ID: "wa-1", Channel: "whatsapp"}
	telegram = sender.Device{ID: "tg-1", Channel: "telegram"}
	waba     = sender.Device{ID: "waba-1", Channel: "waba"}
)

func kirisanMessage(t *testing.T, d sender.Device) envelope.Event {
	t.Helper()
	ev, err := kirisan.NewEvent(kirisan.IncomingMessageEvent, &kirisan.IncomingMessage{Device: d.ID, Channel: d.Channel})
	require.NoError(t, err)
	return ev
}

func kirisanSubmission(t *testing.T, d sender.Device) envelope.Event {
	t.Helper()
	ev, err := kirisan.NewEvent(kirisan.SubmissionEvent, &kirisan.Submission{Device: d.ID, Channel: d.Channel})
	require.NoError(t, err)
	return ev
}

func (r *rig) subscribeKirisan(
	t *testing.T, events []string, devices []sender.Device, secrets ...signature.Secret,
) sender.Subscription {
	t.Helper()
	sub, _, err := r.org.Subscribe(t.Context(),
		sender.Subscription{URL: "https://example.com/kirisan", Events: events, Devices: devices}, secrets...)
	require.NoError(t, err)
	return sub
}

func (r *rig) status(t *testing.T, id string) sender.Status {
	t.Helper()
	sub, err := r.org.Subscription(t.Context(), id)
	require.NoError(t, err)
	return sub.Status
}

func TestKirisanPendingUntilTested(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(500, 201, 200), kirisanOnly())
		sub := r.subscribeKirisan(t, []string{"incoming_message"}, []sender.Device{whatsapp})
		require.Equal(t, sender.StatusPendingTest, sub.Status)
		require.Zero(t, r.publish(t, kirisanMessage(t, whatsapp)).Deliveries, "a pending endpoint gets nothing live")

		failed, err := r.org.Test(t.Context(), sub.ID, sender.TestRequest{})
		require.NoError(t, err)
		require.Equal(t, 500, failed.StatusCode)
		require.False(t, failed.Delivered)
		require.Equal(t, sender.StatusPendingTest, failed.Status)
		require.Equal(t, sender.StatusPendingTest, r.status(t, sub.ID), "a failed test changes nothing")

		passed, err := r.org.Test(t.Context(), sub.ID, sender.TestRequest{})
		require.NoError(t, err)
		require.Equal(t, 201, passed.StatusCode)
		require.True(t, passed.Test)
		require.True(t, passed.Delivered)
		require.Equal(t, sender.StatusActive, passed.Status)
		require.Equal(t, sender.StatusActive, r.status(t, sub.ID))
		d, err := r.org.Delivery(t.Context(), passed.DeliveryID)
		require.NoError(t, err)
		require.Equal(t, sender.StateDelivered, d.State)

		require.Equal(t, 1, r.publish(t, kirisanMessage(t, whatsapp)).Deliveries)
		synctest.Wait()
		got := r.far.requests()
		require.Len(t, got, 3)
		require.Equal(t, "Kirisan-Webhook-Test/1.0", got[0].header.Get("User-Agent"))
		require.Contains(t, string(got[0].body), `"production":false`)
		require.Equal(t, "Kirisan-Webhook/1.0", got[2].header.Get("User-Agent"))
		require.Contains(t, string(got[2].body), `"production":true`)
		require.Equal(t, "incoming_message", got[2].header.Get("X-Kirisan-Event"))
		require.Equal(t, "wa-1", got[2].header.Get("X-Kirisan-Device"))
		require.NotContains(t, got[2].header, "X-Webhook-Secret", "none was set")
		require.NotContains(t, got[2].header, "X-Kirim-Signature")
	})
}

func TestKirisanTelegramActivatesByFirstLiveMessage(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), kirisanOnly())
		sub := r.subscribeKirisan(t, []string{"incoming_message", "submission"}, []sender.Device{telegram, whatsapp})
		require.Zero(t, r.publish(t, kirisanSubmission(t, telegram)).Deliveries, "a submission does not activate")
		require.Zero(t, r.publish(t, kirisanMessage(t, whatsapp)).Deliveries, "WhatsApp does not activate")
		require.Equal(t, sender.StatusPendingTest, r.status(t, sub.ID))

		require.Equal(t, 1, r.publish(t, kirisanMessage(t, telegram)).Deliveries)
		synctest.Wait()
		require.Equal(t, sender.StatusActive, r.status(t, sub.ID))
		require.Len(t, r.far.requests(), 1, "the message that activates is delivered")
		require.Equal(t, 1, r.publish(t, kirisanSubmission(t, telegram)).Deliveries)
		require.Equal(t, 1, r.publish(t, kirisanMessage(t, whatsapp)).Deliveries)
	})
}

// However many endpoints wait for it, and however many others are paused.
func TestOneMessageActivatesAllThatWait(t *testing.T) {
	for name, publish := range map[string]func(t *testing.T, r *rig, ev envelope.Event){
		"published": func(t *testing.T, r *rig, ev envelope.Event) { r.publish(t, ev) },
		"in a transaction": func(t *testing.T, r *rig, ev envelope.Event) {
			tx := r.store.(*memstore.Store).Begin()
			_, err := r.org.PublishTx(t.Context(), tx, ev)
			require.NoError(t, err)
			require.NoError(t, tx.Commit())
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				r := newRig(t, statuses(200), kirisanOnly())
				for range 20 {
					paused := r.subscribeKirisan(t, []string{"incoming_message"}, []sender.Device{telegram})
					_, err := r.org.Test(t.Context(), paused.ID, sender.TestRequest{})
					require.NoError(t, err)
					require.NoError(t, r.org.Pause(t.Context(), paused.ID))
				}
				var waiting []sender.Subscription
				for range 20 {
					waiting = append(waiting, r.subscribeKirisan(t, []string{"incoming_message"}, []sender.Device{telegram}))
				}
				elsewhere := r.subscribeKirisan(t, []string{"incoming_message"},
					[]sender.Device{whatsapp, {ID: "tg-2", Channel: "telegram"}})
				publish(t, r, kirisanMessage(t, telegram))
				time.Sleep(5 * time.Second)
				for _, sub := range waiting {
					require.Equal(t, sender.StatusActive, r.status(t, sub.ID))
				}
				require.Len(t, r.far.requests(), 20+20, "tests, and the message that activates")
				require.Equal(t, sender.StatusPendingTest, r.status(t, elsewhere.ID))
			})
		})
	}
}

func TestKirisanSendsOnce(t *testing.T) {
	for _, code := range []int{202, 204, 301, 408, 429, 500} {
		bubble(t, func(t *testing.T) {
			r := newRig(t, statuses(200, code, 200), kirisanOnly())
			sub := r.subscribeKirisan(t, []string{"incoming_message"}, []sender.Device{whatsapp})
			_, err := r.org.Test(t.Context(), sub.ID, sender.TestRequest{})
			require.NoError(t, err)
			r.publish(t, kirisanMessage(t, whatsapp))
			time.Sleep(48 * time.Hour)
			require.Len(t, r.far.requests(), 2, "status %d", code)
			dead := r.deliveries(t, sender.DeliveryQuery{States: []sender.State{sender.StateDead}})
			require.Len(t, dead, 1)
			require.Equal(t, sender.StatusActive, r.status(t, sub.ID), "failures never disable")

			id, err := r.org.Replay(t.Context(), dead[0].ID)
			require.NoError(t, err)
			synctest.Wait()
			d, err := r.org.Delivery(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, sender.StateDelivered, d.State)
		})
	}
}

func TestKirisanNeverDisables(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200, 500), kirisanOnly())
		sub := r.subscribeKirisan(t, []string{"incoming_message"}, []sender.Device{whatsapp})
		_, err := r.org.Test(t.Context(), sub.ID, sender.TestRequest{})
		require.NoError(t, err)
		for range 100 {
			r.publish(t, kirisanMessage(t, whatsapp))
		}
		time.Sleep(7 * 24 * time.Hour)
		require.Equal(t, sender.StatusActive, r.status(t, sub.ID))
	})
}

func TestKirisanTimeouts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, &farEnd{answer: func(n int, req *http.Request) (*http.Response, error) {
			if n == 2 {
				return reply(200), nil
			}
			return hang(req)
		}}, kirisanOnly())
		sub := r.subscribeKirisan(t, []string{"incoming_message"}, []sender.Device{whatsapp})
		hung, err := r.org.Test(t.Context(), sub.ID, sender.TestRequest{})
		require.NoError(t, err)
		require.Equal(t, 45*time.Second, hung.Duration)
		require.Equal(t, sender.ClassTimeout, hung.ErrorClass)
		_, err = r.org.Test(t.Context(), sub.ID, sender.TestRequest{})
		require.NoError(t, err)

		r.publish(t, kirisanMessage(t, whatsapp))
		time.Sleep(time.Minute)
		dead := r.deliveries(t, sender.DeliveryQuery{States: []sender.State{sender.StateDead}, Limit: 1})
		require.Equal(t, 30*time.Second, r.attempts(t, dead[0].ID)[0].Duration)
	})
}

func TestKirisanSecretInHeader(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), kirisanOnly())
		sub := r.subscribeKirisan(t, []string{"incoming_message"}, []sender.Device{whatsapp}, signature.NewSecret("s3cret"))
		_, err := r.org.Test(t.Context(), sub.ID, sender.TestRequest{})
		require.NoError(t, err)
		require.Equal(t, "s3cret", r.far.requests()[0].header.Get("X-Webhook-Secret"))

		_, err = r.org.RotateSecret(t.Context(), sub.ID, sender.Rotation{Overlap: time.Hour})
		require.ErrorIs(t, err, sender.ErrInvalid, "one header takes one secret")
		fresh, err := r.org.RotateSecret(t.Context(), sub.ID, sender.Rotation{})
		require.NoError(t, err)
		require.Equal(t, sender.StatusPendingTest, r.status(t, sub.ID), "another secret wants another test")
		_, err = r.org.Test(t.Context(), sub.ID, sender.TestRequest{})
		require.NoError(t, err)
		require.Equal(t, fresh.Reveal(), r.far.requests()[1].header.Get("X-Webhook-Secret"))
	})
}

// Rows that were saved under the old name keep it in their header; the body says submission either way.
func TestKirisanLegacySubmissionName(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), kirisanOnly())
		legacy := r.subscribeKirisan(t, []string{"submission.completed"}, []sender.Device{whatsapp})
		_, err := r.org.Test(t.Context(), legacy.ID, sender.TestRequest{})
		require.NoError(t, err)
		r.publish(t, kirisanSubmission(t, whatsapp))
		synctest.Wait()
		for _, got := range r.far.requests() {
			require.Equal(t, "submission.completed", got.header.Get("X-Kirisan-Event"))
			require.Contains(t, string(got.body), `"event":"submission"`)
		}
		require.Len(t, r.far.requests(), 2)
	})
}

func TestKirisanMatrix(t *testing.T) {
	tests := []struct {
		name    string
		events  []string
		devices []sender.Device
		want    string // in the error; "" = accepted
	}{
		{"whatsapp", []string{"incoming_message", "submission"}, []sender.Device{whatsapp}, ""},
		{"telegram", []string{"incoming_message", "submission"}, []sender.Device{telegram}, ""},
		{"waba", []string{"incoming_message", "submission", "message_status"}, []sender.Device{waba}, ""},
		{"mixed channels", []string{"message_status", "incoming_message"}, []sender.Device{waba, telegram}, ""},
		{"message_status is WABA's alone", []string{"message_status"}, []sender.Device{whatsapp, telegram},
			`Events[0]: kirisan has no "message_status" on the channels of these devices`},
		{"email has no webhooks", []string{"incoming_message"}, []sender.Device{{ID: "mail", Channel: "email"}},
			`Devices[0].Channel: kirisan has no webhooks on "email"`},
		{"no devices", []string{"incoming_message"}, nil, "Devices: 0 devices"},
		{"no events", nil, []sender.Device{whatsapp}, "Events: 0 types"},
		{"wildcards", []string{"*"}, []sender.Device{whatsapp}, "Events[0]"},
		{"unknown event", []string{"contact.created"}, []sender.Device{whatsapp}, "Events[0]"},
		{"device without id", []string{"submission"}, []sender.Device{{Channel: "whatsapp"}}, "Devices[0].ID"},
		{"device twice", []string{"submission"}, []sender.Device{whatsapp, whatsapp}, "Devices[1]: wa-1 stands twice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				r := newRig(t, statuses(200), kirisanOnly())
				_, _, err := r.org.Subscribe(t.Context(),
					sender.Subscription{URL: "https://example.com/", Events: tt.events, Devices: tt.devices})
				if tt.want == "" {
					require.NoError(t, err)
					return
				}
				require.ErrorIs(t, err, sender.ErrInvalid)
				require.ErrorContains(t, err, tt.want)
			})
		})
	}
}

func TestKirisanDevicesAndEventsSelect(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), kirisanOnly())
		sub := r.subscribeKirisan(t, []string{"incoming_message"}, []sender.Device{whatsapp, waba})
		_, err := r.org.Test(t.Context(), sub.ID, sender.TestRequest{})
		require.NoError(t, err)
		require.Equal(t, 1, r.publish(t, kirisanMessage(t, whatsapp)).Deliveries)
		require.Equal(t, 1, r.publish(t, kirisanMessage(t, waba)).Deliveries)
		require.Zero(t, r.publish(t, kirisanMessage(t, telegram)).Deliveries, "another device")
		require.Zero(t, r.publish(t, kirisanMessage(t, sender.Device{ID: "wa-1", Channel: "waba"})).Deliveries,
			"the same id on another channel")
		require.Zero(t, r.publish(t, kirisanSubmission(t, whatsapp)).Deliveries, "another event")
	})
}

// A kept connection that breaks would cost the only attempt there is.
func TestKirisanKeepsNoConnection(t *testing.T) {
	for name, cfg := range map[string]sender.Config{"kirisan": kirisanOnly(), "kirim": {}} {
		bubble(t, func(t *testing.T) {
			r := newRig(t, &farEnd{answer: func(_ int, req *http.Request) (*http.Response, error) {
				if req.Close != (name == "kirisan") {
					return reply(400), nil
				}
				return reply(200), nil
			}}, cfg)
			sub := sender.Subscription{URL: "https://example.com/", Events: []string{"message.received"}}
			if name == "kirisan" {
				sub.Events, sub.Devices = []string{"incoming_message"}, []sender.Device{whatsapp}
			}
			sub, _, err := r.org.Subscribe(t.Context(), sub)
			require.NoError(t, err)
			a, err := r.org.Test(t.Context(), sub.ID, sender.TestRequest{})
			require.NoError(t, err)
			require.Equal(t, 200, a.StatusCode, name)
		})
	}
}
