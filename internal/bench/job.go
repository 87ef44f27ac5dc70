package main

import (
	"context"
	"crypto/tls"
	"net/http"
	"time"

	"github.com/kirimhooks/kirimhooks/signature"
)

// job is a delivery as a job queue holds it: all that the attempt needs.
type job struct {
	URL string `json:"url"`
	// Secret is an id: no host keeps secrets in its queue.
	Secret string `json:"secret"`
	Event  string `json:"event"` // its id
	Type   string `json:"type"`
	// Body is text within the JSON. As JSON itself Postgres would store it with other bytes than were published.
	Body string `json:"body"`
}

// Kind is what River knows it by.
func (job) Kind() string { return "webhook" }

// newJob is a new event of 1 KiB for endpoint i modulo endpoints of the far end.
func newJob(far *sink, i, endpoints int) (job, error) {
	ev, err := event(i % endpoints)
	if err != nil {
		return job{}, err
	}
	return job{URL: far.endpoint(i % endpoints), Secret: jobSecret, Event: ev.ID, Type: ev.Type, Body: string(ev.Body)},
		nil
}

const jobSecret = "current"

// poster makes the attempts of a job queue's workers.
type poster struct {
	transport *http.Transport
	secrets   map[string]signature.Secret
}

func newPoster(workers int) *poster {
	return &poster{
		transport: &http.Transport{
			MaxIdleConnsPerHost: workers, IdleConnTimeout: time.Minute, DisableCompression: true,
			TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{},
		},
		secrets: map[string]signature.Secret{jobSecret: signature.GenerateSecret()},
	}
}

// attempt signs and posts j once. Anything but a 2xx is an error.
func (p *poster) attempt(ctx context.Context, j job) error {
	return post(ctx, p.transport, j.URL, kirimHeader(j.Event, j.Type), []byte(j.Body), p.secrets[j.Secret])
}

func (p *poster) close() { p.transport.CloseIdleConnections() }
