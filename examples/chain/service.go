package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/signature"
)

const (
	workers = 4 // events that a service handles at once
	timeout = 2 * time.Second
	// lease is how long a webhook that was in flight belongs to a process that died: the shortest that there is.
	lease = timeout + 20*time.Second
)

// task is what a service is told when it starts.
type task struct {
	Service  string // "account" or "ledger"
	Database string // a file of SQLite, or postgres://…
	Peer     string // where its webhooks go
	Sign     string // the secret that signs them
	Verify   string // the secret of those that come
}

// service is what both have in common: a database, from which webhooks go out and into which they come.
type service struct {
	*database
	hooks *sender.Sender
	inbox *sqlinbox.Inbox
}

// part is what a service does. register says what it handles, and returns the SQL that makes its tables.
type part interface {
	register(events *receiver.Mux, api *http.ServeMux) (schema string)
}

// work is a service, until ctx ends.
func work(ctx context.Context, t task, stderr io.Writer) error {
	logger := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	d, err := openDatabase(ctx, t.Database)
	if err != nil {
		return err
	}
	defer d.close()
	s := &service{database: d}
	if s.hooks, err = sender.New(d.store, sender.Config{
		Contracts:    []sender.Contract{contract()},
		Lease:        lease,
		AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, // the peer is on the loopback
		Logger:       logger,
	}); err != nil {
		return err
	}
	api, err := s.prepare(ctx, t, logger)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(stderr, "listening on http://%s\n", listener.Addr())
	return s.run(ctx, listener, api)
}

// again are the waits between attempts, and between runs of a handler: whoever is away here is back soon.
var again = slices.Repeat([]time.Duration{200 * time.Millisecond}, 1000)

// contract is Kirim's, for such a peer.
func contract() sender.Contract {
	c := sender.Kirim()
	c.Timeout = timeout
	c.Schedule = sender.Waits(again)
	c.Known = nil // these events are not Kirim's
	return c
}

// prepare makes what is not there yet, and returns the service's HTTP API.
func (s *service) prepare(ctx context.Context, t task, logger *slog.Logger) (*http.ServeMux, error) {
	var p part = accountService{s}
	if t.Service == "ledger" {
		p = ledgerService{s}
	}
	events, api := receiver.NewMux(), http.NewServeMux()
	schema := p.register(events, api)
	if _, err := s.ExecContext(ctx, strings.ReplaceAll(schema, "{serial}", s.serial)); err != nil {
		return nil, err
	}
	if err := s.subscribe(ctx, t.Peer, signature.NewSecret(t.Sign)); err != nil {
		return nil, err
	}
	inbox, err := sqlinbox.New(s.DB, s.flavor, events, sqlinbox.Config{
		Key: byAccount, Workers: workers, Waits: again, Lease: 2 * time.Second, Logger: logger,
	})
	if err == nil {
		err = inbox.Migrate(ctx)
	}
	if err != nil {
		return nil, err
	}
	s.inbox = inbox
	keys := signature.NewKeyring(signature.NewSecret(t.Verify))
	webhooks, err := receiver.Handler(inbox, receiver.Config{
		Dialects: []receiver.Dialect{receiver.Kirim(keys)}, Logger: logger,
	})
	if err != nil {
		return nil, err
	}
	api.Handle("POST /webhooks", webhooks)
	api.HandleFunc("GET /status", s.status)
	return api, nil
}

func (s *service) org() *sender.Org { return s.hooks.Org("chain") }

// subscribe makes the peer's subscription, once.
func (s *service) subscribe(ctx context.Context, peer string, secret signature.Secret) error {
	for _, err := range s.org().Subscriptions(ctx, sender.SubscriptionQuery{}) {
		return err // there is one
	}
	_, _, err := s.org().Subscribe(ctx, sender.Subscription{URL: peer, Events: []string{"transfer.*"}}, secret)
	return err
}

// publish makes an event part of tx.
func (s *service) publish(ctx context.Context, tx *sql.Tx, ev envelope.Event) error {
	_, err := s.org().PublishTx(ctx, s.within(tx), ev)
	return err
}

// run sends, receives and handles until ctx ends.
func (s *service) run(ctx context.Context, listener net.Listener, api http.Handler) error {
	server := &http.Server{Handler: api, ReadHeaderTimeout: 5 * time.Second}
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() error { return s.hooks.Run(ctx) })
	all.Go(func() error { return s.inbox.Run(ctx) })
	all.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	all.Go(func() error {
		<-ctx.Done()
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return server.Shutdown(limited)
	})
	return all.Wait()
}

// status is what a service has still to do, and has done.
type status struct {
	Sending bool            // there are webhooks that are not delivered
	Inbox   sqlinbox.Counts // of those that came
}

func (s *service) status(w http.ResponseWriter, r *http.Request) {
	var now status
	var err error
	pending := sender.DeliveryQuery{States: []sender.State{sender.StatePending}, Limit: 1}
	for _, err = range s.org().Deliveries(r.Context(), pending) {
		now.Sending = true
		break
	}
	if err == nil {
		now.Inbox, err = s.inbox.Counts(r.Context())
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	_ = json.NewEncoder(w).Encode(now) // whoever asked may be gone
}
