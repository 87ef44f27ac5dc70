package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/kirimhooks/kirimhooks/signature"
)

// rawClient is the floor: a loop over a tuned net/http client that signs and posts, with nothing stored anywhere.
func rawClient(far *sink, endpoints, workers, n int) contender {
	return contender{name: "raw client loop", run: func(ctx context.Context) (sample, error) {
		transport := &http.Transport{
			MaxIdleConnsPerHost: workers, IdleConnTimeout: time.Minute, DisableCompression: true,
			TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{},
		}
		defer transport.CloseIdleConnections()
		secret := signature.GenerateSecret()
		ev, err := event(0)
		if err != nil {
			return sample{}, err
		}
		watch := start(nil)
		err = each(n, workers, func(i int) error {
			return post(ctx, transport, far.endpoint(i%endpoints), kirimHeader(ev.ID, ev.Type), ev.Body, secret)
		})
		return watch.stop(n), err
	}}
}

// post is one attempt as anybody would write it. It sends the request that our Sender sends, header by header: what a
// far end has to read is everybody's.
func post(
	ctx context.Context, transport http.RoundTripper, url string, header http.Header, body []byte, secret signature.Secret,
) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header = header
	req.Header.Set("X-Kirim-Signature", string(signature.SignKirim(nil, body, time.Now(), secret)))
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)); err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	return nil
}
