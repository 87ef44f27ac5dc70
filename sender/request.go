package sender

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/kirimhooks/kirimhooks/signature"
)

// request builds one attempt, signed with every active secret. Custom headers come first so that they can never
// replace a protocol header.
func (s *Sender) request(ctx context.Context, contract *Contract, c *claim) (*http.Request, []signature.Secret, error) {
	now := time.Now()
	sub, err := s.vault.active(ctx, c.Subscription, now)
	if err != nil {
		return nil, nil, err
	}
	if len(sub.secrets) == 0 && !contract.Secrets.Optional {
		return nil, nil, fmt.Errorf("sender: subscription %s has no active secret; rotate it", c.Subscription.ID)
	}
	ev := c.Event.Event
	contentType, err := contract.render(&ev, s.cfg.MaxBody)
	if err != nil {
		return nil, nil, fmt.Errorf("sender: render %s: %w", c.Delivery.ID, err)
	}
	req := post(sub.url, ev.Body, len(c.Subscription.Headers))
	if _, again := contract.Schedule.Wait(1); !again {
		// A kept connection that the far end closes just now costs an attempt, and there is only one. Besides, net/http
		// logs what is echoed on it unasked, and dialects that send once send their secret.
		req.Close = true
	}
	for name, value := range c.Subscription.Headers {
		req.Header.Set(name, value)
	}
	setHeaders(req.Header, []string{"Content-Type", "User-Agent"}, []string{contentType, contract.UserAgent})
	err = contract.Sign(req.Header, Outgoing{
		Event:      ev,
		DeliveryID: deliveryPrefix + c.Delivery.ID,
		Attempt:    c.Delivery.Attempt + 1,
		Test:       c.Delivery.Test,
		Requested:  contract.requested(&c.Subscription.Subscription, ev.Type),
		Secrets:    sub.secrets,
		Now:        now,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("sender: sign %s: %w", c.Delivery.ID, bare(err))
	}
	return req, sub.secrets, nil
}

// post is http.NewRequest for a URL that is parsed already.
func post(to *url.URL, body []byte, customHeaders int) *http.Request {
	const usualHeaders = 8
	read := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	req := &http.Request{
		Method: http.MethodPost, URL: to, Host: to.Host,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        make(http.Header, usualHeaders+customHeaders),
		ContentLength: int64(len(body)),
		GetBody:       read,
	}
	req.Body, _ = read()
	return req
}

// setHeaders sets headers whose names are canonical, without looking at the names again.
func setHeaders(h http.Header, names, values []string) {
	for i, name := range names {
		h[name] = values[i : i+1 : i+1]
	}
}
