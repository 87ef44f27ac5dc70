package tracker_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/kirimhooks/kirimhooks/internal/samples"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/receivertest"
	"github.com/kirimhooks/kirimhooks/receiver/tracker"
	"github.com/kirimhooks/kirimhooks/signature"
)

var (
	secret  = signature.NewSecret("whsec_0123456789abcdef")
	stated  = time.Date(2026, 7, 2, 0, 0, 0, 0, time.UTC) // in the samples
	arrival = stated.Add(time.Hour)
)

// deliver sends a body to handler as its dialect does, and returns the status of the answer.
func deliver(t testing.TB, handler receiver.EventHandler, ev envelope.Event) int {
	t.Helper()
	h, err := receiver.Handler(handler, receiver.Config{Dialects: []receiver.Dialect{
		receiver.Kirim(signature.NewKeyring(secret)), receiver.Kirisan(signature.NewKeyring(secret)),
	}})
	require.NoError(t, err)
	request := receivertest.Kirim
	if ev.Source == envelope.Kirisan {
		request = receivertest.Kirisan
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, request(t, secret, ev))
	return w.Code
}

// received is the event that a handler gets for a body, at the time of arrival.
func received(t testing.TB, ev envelope.Event) (got *receiver.Event) {
	t.Helper()
	code := deliver(t, receiver.HandlerFunc(func(_ context.Context, ev *receiver.Event) error {
		got = ev
		return nil
	}), ev)
	require.Equal(t, http.StatusOK, code)
	got.ReceivedAt = arrival
	return got
}

func sample(t testing.TB, name string) envelope.Event {
	t.Helper()
	for s := range samples.Corpus() {
		if s.Name == name {
			return envelope.Event{
				Source: s.Source, Body: s.Body,
				Type: s.Headers.Get(kirisan.HeaderEvent), Device: s.Headers.Get(kirisan.HeaderDevice),
			}
		}
	}
	require.Fail(t, "no such sample", name)
	return envelope.Event{}
}

const (
	sentWamid = "wamid.HBgNNjI4MTIwMDAwMDAwMRUCABEYFDNBMDAwMDAwMDAwMDAwMDAwMzg2AA=="
	apiWamid  = "wamid.HBgNNjI4MTIwMDAwMDAwMRUCABEYFDNBMDAwMDAwMDAwMDAwMDAwM0JEAA=="
	wabaWamid = "wamid.HBgNNjI4MTIwMDAwMDAwMRUCABEYFDNBMDAwMDAwMDAwMDAwMDAwM0FDAA=="
)

func TestStatuses(t *testing.T) {
	meta := tracker.Key{Source: envelope.Meta, Line: "100000000000201", ID: sentWamid}
	ofKirim := meta
	ofKirim.ID = apiWamid
	waba := tracker.Key{Source: envelope.Kirisan, Line: "waba-7d1e55", ID: wabaWamid}
	group, participant := meta, meta
	participant.Participant = "6281200000002"
	for name, want := range map[string][]tracker.Status{
		"meta/status_read": {{Key: meta, Step: tracker.Read, At: stated, Recipient: "6281200000001"}},
		"meta/status_bsuid": {{Key: meta, Step: tracker.Delivered, At: stated, Recipient: "6281200000001",
			UserID: "ID.2400000000000000001"}},
		"meta/status_failed": {{Key: meta, Step: tracker.Failed, At: stated, Recipient: "6281200000001",
			Code: 131026, Reason: "Message undeliverable: Message Undeliverable."}},
		"meta/status_group": { // the participant's row, and that of the message as a whole
			{Key: participant, Step: tracker.Delivered, At: stated, Recipient: "Y2FwaV9ncm91cDo2MjgxMjAwMDAwMDAx"},
			{Key: group, Step: tracker.Delivered, At: stated, Recipient: "Y2FwaV9ncm91cDo2MjgxMjAwMDAwMDAx"},
		},
		"kirim/message_sent_api": {{Key: ofKirim, Step: tracker.Sent, At: stated.Add(2 * time.Second),
			Recipient: "6281200000001", KirimID: "msg_XQ6YWCP4JB0Z9645C1FG03PXW0"}},
		"kirisan/message_status_failed": {{Key: waba, Step: tracker.Failed, At: stated, Recipient: "6281200000001",
			Code: 131026, Reason: "Message undeliverable: Receiver is incapable of receiving this message"}},
		"kirisan/message_status_read": {{Key: waba, Step: tracker.Read, At: stated, Recipient: "6281200000001"}},

		"meta/message_text":                      nil,
		"kirim/message_created":                  nil,
		"kirim/contact_created":                  nil,
		"kirisan/incoming_message_whatsapp_text": nil,
	} {
		t.Run(name, func(t *testing.T) {
			got := tracker.Statuses(received(t, sample(t, name)))
			require.Len(t, got, len(want))
			for i := range want {
				require.Equal(t, want[i], got[i])
			}
		})
	}
}

// TestTimeThatCannotBe covers statuses without a time and of the future: they are of the time of their arrival.
func TestTimeThatCannotBe(t *testing.T) {
	for _, name := range []string{"meta/status_read", "kirisan/message_status_read"} {
		ev := sample(t, name)
		body := ev.Body
		for stamp, want := range map[string]time.Time{
			"1782950400":  stated,
			"1782954001":  arrival, // a second after it
			"0":           arrival,
			"99999999999": arrival,
		} {
			ev.Body = bytes.ReplaceAll(body, []byte("1782950400"), []byte(stamp))
			got := tracker.Statuses(received(t, ev))
			require.Len(t, got, 1)
			require.Equal(t, want, got[0].At, "%s at %s", name, stamp)
		}
	}
}

// TestTestsAreOfNoMessage covers what a sender makes up to try an endpoint.
func TestTestsAreOfNoMessage(t *testing.T) {
	ev := received(t, sample(t, "kirisan/message_status_read"))
	require.NotEmpty(t, tracker.Statuses(ev))
	ev.Test = true
	require.Empty(t, tracker.Statuses(ev))
}

// TestOneOfAGroupFails covers a failure that is one participant's: the message as a whole has not failed.
func TestOneOfAGroupFails(t *testing.T) {
	ev := sample(t, "meta/status_group")
	ev.Body = bytes.ReplaceAll(ev.Body, []byte(`"delivered"`), []byte(`"failed"`))
	got := tracker.Statuses(received(t, ev))
	require.Len(t, got, 1)
	require.Equal(t, tracker.Failed, got[0].Step)
	require.Equal(t, "6281200000002", got[0].Participant)
}

func FuzzStatuses(f *testing.F) {
	for s := range samples.Corpus() {
		f.Add(string(s.Source), s.Headers.Get(kirisan.HeaderEvent), s.Body)
	}
	f.Add("kirim", "message.sent", []byte(sample(f, "kirim/message_sent_api").Body))
	f.Fuzz(func(t *testing.T, source, name string, body []byte) {
		for _, s := range tracker.Statuses(&receiver.Event{
			Event:      envelope.Event{Source: envelope.Source(source), Type: name, Body: body},
			ReceivedAt: arrival,
		}) {
			kept, err := s.Normalize()
			require.NoError(t, err)
			require.Equal(t, kept, s, "it is as a store keeps it")
			require.False(t, s.At.After(arrival))
			require.Equal(t, s.Key, tracker.Message{}.Apply(s).Key)
		}
	})
}
