package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"slices"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/sender"
)

// samplePath is an endpoint of the program's own, for -sample.
const samplePath = "/sample"

// loopback is where that endpoint is.
var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// withSample puts an endpoint beside the API that takes everything. examples/receiver is one that verifies.
func withSample(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == samplePath {
			w.WriteHeader(http.StatusOK)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// publishSample publishes an event for that endpoint, which is subscribed unless an earlier start did so.
func publishSample(ctx context.Context, s *sender.Sender, at net.Addr) error {
	host, port, err := net.SplitHostPort(at.String())
	if err != nil {
		return err
	}
	if net.ParseIP(host).IsUnspecified() {
		host = "127.0.0.1"
	}
	url := "http://" + net.JoinHostPort(host, port) + samplePath
	org := s.Org(defaultOrg)
	found, err := subscribed(ctx, org, url)
	if err != nil {
		return err
	}
	if !found {
		sub := sender.Subscription{Name: "Sample", Contract: "kirim", URL: url, Events: []string{"contact.*"}}
		if _, _, err := org.Subscribe(ctx, sub); err != nil {
			return err
		}
	}
	name := "Siti"
	contact := kirim.Contact{ID: "ctc_sample", Object: "contact", Name: &name}
	ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{Contact: contact})
	if err != nil {
		return err
	}
	_, err = org.Publish(ctx, ev)
	return err
}

func subscribed(ctx context.Context, org *sender.Org, url string) (bool, error) {
	for sub, err := range org.Subscriptions(ctx, sender.SubscriptionQuery{}) {
		if err != nil || sub.URL == url {
			return err == nil, err
		}
	}
	return false, nil
}

func (o options) checkSample() error {
	if o.sample && !slices.ContainsFunc(o.contracts, func(c sender.Contract) bool { return c.Name == "kirim" }) {
		return errors.New("-sample: is an event of kirim, which -contract must name")
	}
	return nil
}
