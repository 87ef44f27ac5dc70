package receiver_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
)

// A body that two readers could read differently, or none, is no event of any dialect, well signed as it may be.
func TestNoDialectTakesAMalformedBody(t *testing.T) {
	for name, post := range map[string]func(body []byte) *http.Request{
		"kirim":    func(body []byte) *http.Request { return kirimPost(body) },
		"kirisan":  func(body []byte) *http.Request { return kirisanPost(body) },
		"meta":     metaPost,
		"standard": func(body []byte) *http.Request { return standardPost("msg_1", time.Now(), body) },
	} {
		for _, body := range []string{
			``, `null`, `[]`, `"a"`, `{`, `{"id":"a"}{}`, "\ufeff{}", `{"entry":[{]}`,
			`{"id":"a","type":"b","ID":"c"}`, `{"entry":[],"entry":[]}`, `{"event":"incoming_message","\u0065vent":"a"}`,
			`{"id":"a","type":"b","data":` + strings.Repeat("[", 64) + strings.Repeat("]", 64) + `}`,
		} {
			k := newRig(t, nil, func(c *receiver.Config) {
				c.Dialects = append(c.Dialects, receiver.Standard(keys(standardSecret)))
			})
			require.Equal(t, 400, k.serve(post([]byte(body))).Code, "%s: %s", name, body)
			require.Zero(t, k.runs(), "%s: %s", name, body)
			require.ErrorIs(t, k.rejected[0], envelope.ErrMalformed, "%s: %s", name, body)
		}
	}
}

// A handler keeps what it was made of: the caller's slice may be used again for the next.
func TestHandlerKeepsItsDialects(t *testing.T) {
	given := []receiver.Dialect{receiver.Kirim(keys(kirimSecret))}
	given[0].Deadline = 0
	k := newRig(t, nil, dialects(given...))
	require.Zero(t, given[0].Deadline, "the caller's dialect is not touched")
	given[0] = receiver.KirisanUnsigned()
	require.Equal(t, 200, k.serve(kirimPost(nativeBody)).Code)
	require.Equal(t, 401, k.serve(kirisanPost(kirisanBody)).Code)
}
