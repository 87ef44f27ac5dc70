package egress

import (
	"errors"
	"io"
	"net/http"
)

// drainLimit is how much of a body beyond the limit is still read: dropping the connection costs a new TLS handshake,
// which is dearer than reading a usual error page to its end.
const drainLimit = 64 << 10

// ReadBody reads at most limit bytes of resp's body and closes it. truncated reports that there was more. It reads on a
// little, so that the connection can be used again, and hangs up on a body that has no end in sight.
//
// The request's context bounds the time. An error, such as a peer that stalls or cuts the connection, comes with the
// bytes read until then; the answer's status stands all the same.
func ReadBody(resp *http.Response, limit int) (body []byte, truncated bool, err error) {
	if resp.Body == http.NoBody {
		return nil, false, nil // the usual answer of an endpoint
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, int64(limit)))
	if err != nil {
		return body, false, err
	}
	rest, err := io.CopyN(io.Discard, resp.Body, drainLimit)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return body, rest > 0, err
}
