package receiver_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/receiver"
)

func TestRequestsOfOtherHosts(t *testing.T) {
	k := newRig(t, nil)
	r := kirimPost(nil)
	r.Body = nil // net/http never does this to a server
	require.Equal(t, 400, k.serve(r).Code)

	limited := kirimPost(nativeBody)
	limited.Body = http.MaxBytesReader(nil, limited.Body, 10) // a stricter host
	require.Equal(t, 413, k.serve(limited).Code)

	own := newRig(t, nil, func(c *receiver.Config) { c.ReadTimeout = -1 }) // the server's limits, then
	w := &deadlined{ResponseRecorder: httptest.NewRecorder()}
	own.ServeHTTP(w, kirimPost(nativeBody))
	require.Equal(t, 200, w.Code)
	require.Zero(t, w.at)

	gone := kirimPost(nativeBody, "Content-Encoding", "identity", "Content-Encoding", "")
	gone.Header["X-Kirisan-Event"] = nil // as a proxy's handler may strip it
	require.Equal(t, 200, k.serve(gone).Code)
	require.ErrorContains(t, k.rejected[0], "receiver: 400: ")
}
