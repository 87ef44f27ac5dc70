package receiver_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/signature"
)

func TestMetaVectors(t *testing.T) {
	text, err := os.ReadFile("testdata/meta.json")
	require.NoError(t, err)
	var vectors struct {
		Vectors []struct {
			Name, Header string
			Body         []byte `json:"body_base64"`
			Secret       string `json:"app_secret"`
			Valid        bool
		}
		Handshake []struct {
			Query  string
			Token  string `json:"verify_token"`
			Status int
			Body   string
		}
	}
	require.NoError(t, json.Unmarshal(text, &vectors))
	require.NotEmpty(t, vectors.Vectors)
	for _, v := range vectors.Vectors {
		k := newRig(t, nil, dialects(receiver.Meta(keys(v.Secret), signature.NewSecret(verifyToken))))
		w := k.serve(post(v.Body, "X-Hub-Signature-256", v.Header))
		require.Equal(t, v.Valid, w.Code == 200, v.Name)
		require.Equal(t, v.Valid, k.runs() == 1, v.Name)
	}
	require.NotEmpty(t, vectors.Handshake)
	for _, v := range vectors.Handshake {
		k := newRig(t, nil, dialects(receiver.Meta(keys(appSecret), signature.NewSecret(v.Token))))
		w := k.serve(httptest.NewRequest(http.MethodGet, "/?"+v.Query, nil))
		require.Equal(t, v.Status, w.Code, v.Query)
		require.Equal(t, v.Body, w.Body.String(), v.Query)
	}
}

func TestMetaHandshakeRefuses(t *testing.T) {
	k := newRig(t, nil)
	for _, query := range []string{
		"",
		"hub.mode=subscribe&hub.verify_token=" + verifyToken,
		"hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=" + verifyToken,
		"hub.mode=subscribe&hub.challenge=1",
		"hub.mode=subscribe&hub.challenge=1&hub.verify_token=",
		"hub.mode=subscribe&hub.challenge=1&hub.verify_token=" + verifyToken + "x",
	} {
		w := k.serve(httptest.NewRequest(http.MethodGet, "/?"+query, nil))
		require.Equal(t, 403, w.Code, query)
		require.Empty(t, w.Body.String())
	}
	require.Len(t, k.rejected, 6)
	w := k.serve(httptest.NewRequest(http.MethodGet,
		"/?hub.mode=subscribe&hub.challenge=%3Cb%3E&hub.verify_token="+verifyToken, nil))
	require.Equal(t, "<b>", w.Body.String())
	require.Equal(t, "text/plain; charset=utf-8", w.Header().Get("Content-Type"))
	require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
	for _, method := range []string{"PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"} {
		w := k.serve(httptest.NewRequest(method, "/", nil))
		require.Equal(t, 405, w.Code)
		require.Equal(t, "GET, POST", w.Header().Get("Allow"))
	}
}

func TestMetaIdentity(t *testing.T) {
	k := newRig(t, nil)
	for range 2 {
		require.Equal(t, 200, k.serve(metaPost(messageBody)).Code)
		require.Equal(t, 200, k.serve(metaPost(statusBody("sent", "1"))).Code)
		require.Equal(t, 200, k.serve(metaPost(statusBody("read", "2"))).Code)
	}
	require.Equal(t, 3, k.runs())
	require.Equal(t, "meta:wamid.A:read:2", k.last(t).Key)
	require.Equal(t, 400, k.serve(metaPost([]byte(`{}`))).Code)
	// The same message by way of Kirim is another sender's event.
	require.Equal(t, 200, k.serve(kirimPost(messageBody)).Code)
	require.Equal(t, 4, k.runs())
}

// Meta sends up to 3 MB at once, most of it when a business brings its history along.
func TestMetaBodiesOfSeveralMegabytes(t *testing.T) {
	for _, messages := range []int{9_000, 19_000} {
		var b strings.Builder
		b.WriteString(`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"history","value":{"history":[{"threads":[{"id":"62","messages":[`)
		for i := range messages {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `{"from":"62811","id":"wamid.HISTORY%06d","timestamp":"1739230955","type":"text","text":{"body":"Halo, apakah barang ini masih ada?"}}`, i)
		}
		b.WriteString(`]}]}]}}]}]}`)
		body := []byte(b.String())
		require.Greater(t, len(body), 1<<20)
		require.Less(t, len(body), 4<<20)
		for _, r := range []*http.Request{metaPost(body), kirimPost(body)} {
			r.ContentLength = -1
			k := newRig(t, nil)
			require.Equal(t, 200, k.serve(r).Code)
			require.Equal(t, "history", k.last(t).Type)
			require.True(t, bytes.Equal(body, k.last(t).Body))
		}
	}
}
