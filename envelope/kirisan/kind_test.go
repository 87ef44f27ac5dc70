package kirisan_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
)

// What is no event of the dialect reads as no payload of any kind, whatever its first members say.
func TestEveryKindRefusesWhatIsMalformed(t *testing.T) {
	for _, body := range []string{
		``, `{"device":"98765"`, `["98765"]`, `{"device":"98765","Device":"1"}`, `{"device":"98765"}{}`,
	} {
		requireRefused(t, kirisan.IncomingMessageEvent, body)
		requireRefused(t, kirisan.SubmissionEvent, body)
		requireRefused(t, kirisan.MessageStatusEvent, body)
	}
}

func requireRefused[P kirisan.Payload](t *testing.T, k envelope.Kind[P], body string) {
	t.Helper()
	payload, err := k.Decode([]byte(body))
	require.ErrorIs(t, err, envelope.ErrMalformed, body)
	require.NotContains(t, err.Error(), "98765", "the body stays out of errors")
	require.Nil(t, payload)
}

// What the other end would refuse is refused before it is sent.
func TestNewEventRefusesWhatNobodyReads(t *testing.T) {
	deep := strings.Repeat("[", 64) + strings.Repeat("]", 64)
	ev, err := kirisan.NewEvent(kirisan.IncomingMessageEvent, &kirisan.IncomingMessage{
		Device: "d", Channel: "telegram", Metadata: json.RawMessage(deep),
	})
	require.ErrorIs(t, err, envelope.ErrMalformed)
	require.Zero(t, ev)
	_, err = kirisan.NewEvent(kirisan.IncomingMessageEvent, &kirisan.IncomingMessage{
		Device: "d", Channel: "telegram", Metadata: json.RawMessage(deep[1 : len(deep)-1]),
	})
	require.NoError(t, err)
}

// Every kind is stamped with the present time, unless the payload has one.
func TestNewEventStampsEveryKind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for given, want := range map[kirisan.Timestamp]time.Time{0: time.Now().UTC(), 17: time.Unix(17, 0).UTC()} {
			message, err := kirisan.NewEvent(kirisan.IncomingMessageEvent, &kirisan.IncomingMessage{
				Device: "d", Channel: "telegram", Timestamp: given,
			})
			require.NoError(t, err)
			submission, err := kirisan.NewEvent(kirisan.SubmissionEvent, &kirisan.Submission{
				Device: "d", Channel: "telegram", Timestamp: given,
			})
			require.NoError(t, err)
			status, err := kirisan.NewEvent(kirisan.MessageStatusEvent, &kirisan.MessageStatus{Device: "d", Timestamp: given})
			require.NoError(t, err)
			require.Equal(t, want, message.CreatedAt)
			require.Equal(t, want, submission.CreatedAt)
			require.Equal(t, want, status.CreatedAt)
		}
	})
}
