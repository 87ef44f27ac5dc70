package receiver_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/kirimhooks/kirimhooks/internal/samples"
)

// Every sample, signed by this test, arrives as what its headers say it is.
func TestCorpus(t *testing.T) {
	n := 0
	for s := range samples.Corpus() {
		n++
		t.Run(s.Name, func(t *testing.T) {
			k := newRig(t, nil)
			r := post(s.Body)
			for name, values := range s.Headers {
				r.Header[name] = values
			}
			wantType, wantID := s.Headers.Get("X-Kirim-Event"), s.Headers.Get("X-Kirim-Event-Id")
			switch {
			case s.Source == envelope.Kirisan:
				r.Header.Set("X-Webhook-Secret", kirisanSecret)
				wantType = s.Headers.Get("X-Kirisan-Event")
				if wantType == "submission.completed" {
					wantType = kirisan.SubmissionEvent.Type()
				}
			case s.Headers.Get("X-Kirim-Event") != "":
				r.Header.Set("X-Kirim-Signature", sign(kirimSecret, time.Now(), s.Body))
			default:
				r.Header = metaPost(s.Body).Header
			}
			require.Equal(t, 200, k.serve(r).Code, k.rejected)
			ev := k.last(t)
			require.Equal(t, s.Source, ev.Source)
			require.Equal(t, s.Body, []byte(ev.Body))
			if wantType != "" {
				require.Equal(t, wantType, ev.Type)
			}
			switch s.Source {
			case envelope.Kirim:
				require.Equal(t, wantID, ev.ID)
			case envelope.Meta:
				require.NotEmpty(t, ev.ID)
				require.NotEmpty(t, ev.Type)
			case envelope.Kirisan:
				require.Empty(t, ev.ID)
				require.Equal(t, s.Headers.Get("X-Kirisan-Device"), ev.Device)
			}
			var marks struct{ Livemode, Production *bool }
			require.NoError(t, json.Unmarshal(s.Body, &marks))
			require.Equal(t, marks.Livemode != nil && !*marks.Livemode || marks.Production != nil && !*marks.Production, ev.Test)
		})
	}
	require.Greater(t, n, 100)
}
