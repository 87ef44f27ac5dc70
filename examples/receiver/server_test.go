package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/receiver/receivertest"
	"github.com/kirimhooks/kirimhooks/signature"
)

func TestRefusals(t *testing.T) {
	stdout := new(lines)
	p := start(t, stdout)
	ev := contactCreated(t)
	require.Equal(t, 401, post(t, p.url, receivertest.Kirim(t, signature.GenerateSecret(), ev)))
	require.Equal(t, 404, post(t, p.url+"/", kirimRequest(t, ev)), "one path alone")
	require.Equal(t, 404, post(t, strings.TrimSuffix(p.url, "/webhooks"), kirimRequest(t, ev)))
	require.Empty(t, stdout.all())
	require.Equal(t, 200, post(t, p.url+"?a=b", kirimRequest(t, ev)))
	require.Len(t, stdout.all(), 1)
}

func TestPath(t *testing.T) {
	p := start(t, io.Discard, "-path", "/a/{b}")
	require.Equal(t, 200, post(t, strings.TrimSuffix(p.url, "/webhooks")+"/a/%7Bb%7D", kirimRequest(t, contactCreated(t))))
}

// A request under way when the program is told to end is answered; then it ends with 0.
func TestDrains(t *testing.T) {
	handling, goOn := make(chan struct{}), make(chan struct{})
	p := start(t, writerFunc(func(b []byte) (int, error) {
		close(handling)
		<-goOn
		return len(b), nil
	}))
	r := kirimRequest(t, contactCreated(t))
	status := make(chan int, 1)
	go func() {
		code, _ := send(p.url, r)
		status <- code
	}()
	<-handling
	ended := make(chan int, 1)
	go func() { ended <- p.stop() }()
	require.Eventually(t, func() bool { // until it listens no more; an event would wait for the first one's line
		resp, err := http.Get(p.url)
		if err != nil {
			return true
		}
		return resp.Body.Close() != nil
	}, 20*time.Second, time.Millisecond)
	require.Empty(t, ended)
	close(goOn)
	require.Equal(t, 200, <-status)
	require.Zero(t, <-ended)
}
