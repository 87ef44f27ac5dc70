package receiver_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/kirimhooks/kirimhooks/receiver"
)

// heard is what a Mux's functions were given.
type heard struct {
	ev         receiver.Event
	message    *kirisan.IncomingMessage
	submission *kirisan.Submission
	status     *kirisan.MessageStatus
}

// hear sends a body as Kirisan would, with device in the header, to functions for all its kinds.
func hear(t *testing.T, body, event, device string) (h heard) {
	t.Helper()
	m := receiver.NewMux()
	receiver.On(m, kirisan.IncomingMessageEvent, func(
		_ context.Context, ev *receiver.Event, p *kirisan.IncomingMessage,
	) error {
		h.ev, h.message = *ev, p
		return nil
	})
	receiver.On(m, kirisan.SubmissionEvent, func(_ context.Context, ev *receiver.Event, p *kirisan.Submission) error {
		h.ev, h.submission = *ev, p
		return nil
	})
	receiver.On(m, kirisan.MessageStatusEvent, func(
		_ context.Context, ev *receiver.Event, p *kirisan.MessageStatus,
	) error {
		h.ev, h.status = *ev, p
		return nil
	})
	k := newRig(t, m)
	w := k.serve(post([]byte(body), "X-Kirisan-Event", event, "X-Kirisan-Device", device, "X-Webhook-Secret",
		kirisanSecret))
	require.Equal(t, 200, w.Code, "%s\n%v", body, k.rejected)
	require.Equal(t, body, string(h.ev.Body))
	return h
}

// Bodies in the shape of those that people have reported, each refused or read wrongly by somebody, arrive as what they
// mean.
func TestKirisanReports(t *testing.T) {
	tests := map[string]struct {
		event, device string // of the header
		check         func(t *testing.T, h heard)
	}{
		"kirisan-device-as-number.json": {"incoming_message", "6281100000001", func(t *testing.T, h heard) {
			require.Equal(t, "6281100000001", h.ev.Device)
			require.Equal(t, "6281100000001", h.message.Device)
		}},
		"kirisan-device-empty-string.json": {"incoming_message", "wa-3f9a10", func(t *testing.T, h heard) {
			require.Equal(t, "wa-3f9a10", h.ev.Device)
		}},
		"kirisan-device-with---in-body--without-in-header.json": {"incoming_message", "6281", func(t *testing.T, h heard) {
			require.True(t, kirisan.SameDevice("6281", h.ev.Device))
		}},
		"kirisan-message-file-empty-array------.json": {"incoming_message", "628", func(t *testing.T, h heard) {
			require.Equal(t, kirisan.Message{Type: "text", Text: "x"}, h.message.Message)
		}},
		"kirisan-message-text-a-number.json": {"incoming_message", "628", func(t *testing.T, h heard) {
			require.Equal(t, "12345", h.message.Message.Text)
			require.Equal(t, "telegram", h.ev.Channel)
		}},
		"kirisan-message_status-metadata---------.json": {"message_status", "628", func(t *testing.T, h heard) {
			require.Equal(t, "sent", h.status.Status)
			require.Equal(t, "wamid.X", h.status.MessageID)
			require.Equal(t, "62812", h.status.Recipient)
		}},
		"kirisan-production-as-1.json": {"incoming_message", "628", func(t *testing.T, h heard) {
			require.False(t, h.ev.Test)
			require.True(t, h.message.Production)
		}},
		"kirisan-production-as-string-true.json": {"incoming_message", "628", func(t *testing.T, h heard) {
			require.False(t, h.ev.Test)
			require.True(t, h.message.Production)
		}},
		"kirisan-submission-answer-plain-text.json": {"submission.completed", "628", func(t *testing.T, h heard) {
			require.Equal(t, "submission", h.ev.Type)
			require.Equal(t, "62812", h.submission.Sender)
			require.Equal(t, kirisan.Form{ID: 12, Name: "Form"}, h.submission.Form)
			require.Len(t, h.submission.Answers, 1)
			require.Equal(t, "Nama?", h.submission.Answers[0].Question)
			require.Equal(t, "Budi", h.submission.Answers[0].Answer.Text)
		}},
	}
	files, err := filepath.Glob("testdata/reports/kirisan-*")
	require.NoError(t, err)
	require.Len(t, files, len(tests))
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			body, err := os.ReadFile(file)
			require.NoError(t, err)
			test, ok := tests[filepath.Base(file)]
			require.True(t, ok, "no case for this file")
			h := hear(t, string(body), test.event, test.device)
			test.check(t, h)
			require.NoError(t, errOf(h), "all of it was read")
		})
	}
}

func errOf(h heard) error {
	switch {
	case h.message != nil:
		return h.message.Err
	case h.submission != nil:
		return h.submission.Err
	default:
		return h.status.Err
	}
}

// More of the same kinds, for every member that is odd now and then.
func TestKirisanTakesOddMembers(t *testing.T) {
	const message = `"event":"incoming_message","device":"628","channel":"whatsapp"`
	for name, test := range map[string]struct {
		body  string
		check func(t *testing.T, h heard)
	}{
		"sender as text": {`{` + message + `,"sender":"62812"}`,
			func(t *testing.T, h heard) { require.Equal(t, "62812", h.message.Sender.Sender) }},
		"sender as number": {`{` + message + `,"sender":{"sender":62812}}`,
			func(t *testing.T, h heard) { require.Equal(t, "62812", h.message.Sender.Sender) }},
		"sender as bare number": {`{` + message + `,"sender":62812}`,
			func(t *testing.T, h heard) { require.Equal(t, "62812", h.message.Sender.Sender) }},
		"sender as empty array": {`{` + message + `,"sender":[],"message":{"text":"x"}}`,
			func(t *testing.T, h heard) { require.Equal(t, "x", h.message.Message.Text) }},
		"message as text": {`{` + message + `,"message":"halo"}`,
			func(t *testing.T, h heard) { require.Equal(t, "halo", h.message.Message.Text) }},
		"production false as text": {`{` + message + `,"production":"false"}`,
			func(t *testing.T, h heard) { require.False(t, h.ev.Test) }},
		"production 0": {`{` + message + `,"production":0}`,
			func(t *testing.T, h heard) { require.False(t, h.ev.Test) }},
		"production null": {`{` + message + `,"production":null}`,
			func(t *testing.T, h heard) { require.False(t, h.ev.Test) }},
		"production an object": {`{` + message + `,"production":{}}`,
			func(t *testing.T, h heard) { require.False(t, h.ev.Test) }},
		"production false": {`{` + message + `,"production":false}`,
			func(t *testing.T, h heard) { require.True(t, h.ev.Test) }},
		"timestamp as text": {`{` + message + `,"timestamp":"1760000000"}`,
			func(t *testing.T, h heard) { require.EqualValues(t, 1760000000, h.ev.CreatedAt.Unix()) }},
		"timestamp nonsense": {`{` + message + `,"timestamp":{"a":1}}`,
			func(t *testing.T, h heard) { require.True(t, h.ev.CreatedAt.IsZero()) }},
		"latitude as text": {`{` + message + `,"message":{"type":"location","location":{"latitude":"-6.2","longitude":"106.8"}}}`, func(t *testing.T, h heard) {
			require.InDelta(t, -6.2, h.message.Message.Location.Latitude, 1e-9)
		}},
		"a button's id as number": {`{` + message + `,"message":{"type":"button_reply","button":{"id":7,"text":"Ya"}}}`,
			func(t *testing.T, h heard) {
				require.Equal(t, &kirisan.Button{ID: "7", Text: "Ya"}, h.message.Message.Button)
			}},
		"channel empty": {`{"event":"incoming_message","device":"628","channel":""}`,
			func(t *testing.T, h heard) { require.NotNil(t, h.message) }},
		"channel a number": {`{"event":"incoming_message","device":"628","channel":7}`,
			func(t *testing.T, h heard) { require.Equal(t, "7", h.ev.Channel) }},
		"device an object": {`{"event":"incoming_message","device":{"id":1}}`,
			func(t *testing.T, h heard) { require.Equal(t, "628", h.ev.Device) }},
		"device with spaces": {`{"event":"incoming_message","device":" +62-8 "}`,
			func(t *testing.T, h heard) { require.NotNil(t, h.message) }},
		"id of a form as text": {`{"event":"submission","device":"628","submission":{"id":"12","name":"F"}}`,
			func(t *testing.T, h heard) { require.EqualValues(t, 12, h.submission.Form.ID) }},
		"answer a number": {`{"event":"submission","device":"628","answers":[{"question":"Umur?","answer":41},{"question":"Nama?","answer":{"type":"text","text":"Budi"}}]}`, func(t *testing.T, h heard) {
			require.Equal(t, "41", h.submission.Answers[0].Answer.Text)
			require.Equal(t, "Budi", h.submission.Answers[1].Answer.Text)
		}},
		"id of a message as number": {`{"event":"message_status","device":"628","channel":"waba","message_id":77,"recipient":62812,"status":"read"}`, func(t *testing.T, h heard) {
			require.Equal(t, "77", h.status.MessageID)
			require.Equal(t, "62812", h.status.Recipient)
		}},
	} {
		t.Run(name, func(t *testing.T) { test.check(t, hear(t, test.body, "", "628")) })
	}
}
