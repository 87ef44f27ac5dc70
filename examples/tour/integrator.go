package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/kirimhooks/kirimhooks/envelope/meta"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/signature"
)

// integrator is the end that receives: one endpoint for both dialects, which remembers what it handled.
type integrator struct {
	keys     *signature.Keyring // Kirim's
	listener net.Listener
	server   *http.Server

	mu      sync.Mutex
	handled []handled
	failing int   // so many runs of its handler will fail
	trouble error // with this
}

// handled is one event that was handled, and the Go type it was handled as.
type handled struct {
	*receiver.Event
	payload string
}

func newIntegrator(kirimSecret, kirisanSecret signature.Secret) (*integrator, error) {
	in := &integrator{keys: signature.NewKeyring(kirimSecret)}
	handler, err := receiver.Handler(in.events(), receiver.Config{
		Dialects: []receiver.Dialect{receiver.Kirim(in.keys), receiver.Kirisan(signature.NewKeyring(kirisanSecret))},
		Logger:   slog.New(slog.DiscardHandler), // the story tells of failures itself
	})
	if err != nil {
		return nil, err
	}
	if in.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/webhooks", handler)
	in.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	return in, nil
}

func (in *integrator) url() string { return fmt.Sprintf("http://%s/webhooks", in.listener.Addr()) }

// serve answers requests until ctx ends.
func (in *integrator) serve(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = in.server.Close() })
	defer stop()
	if err := in.server.Serve(in.listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("integrator: %w", err)
	}
	return nil
}

// events routes each kind to a function that gets its payload as a Go type. A program registers those it needs.
func (in *integrator) events() *receiver.Mux {
	mux := receiver.NewMux()
	on(mux, in, kirim.ContactCreated, kirim.ContactUpdated)
	on(mux, in, kirim.ContactIdentityUpdated)
	on(mux, in, kirim.ConversationAssigned, kirim.ConversationClosed)
	on(mux, in, kirim.MessageCreated, kirim.MessageSent, kirim.MessageEdited, kirim.MessageRevoked)
	on(mux, in, kirim.CustomerCreated, kirim.CustomerUpdated, kirim.CustomerArchived,
		kirim.CustomerOnboarded, kirim.CustomerSetupLinkCreated, kirim.CustomerSetupLinkConsumed)
	on(mux, in, meta.MessageReceived, meta.MessageStatus)
	on(mux, in, kirisan.IncomingMessageEvent)
	on(mux, in, kirisan.SubmissionEvent)
	on(mux, in, kirisan.MessageStatusEvent)
	mux.Default(func(_ context.Context, ev *receiver.Event) error { return in.handle(ev, ev.Body) })
	return mux
}

func on[P any](mux *receiver.Mux, in *integrator, kinds ...envelope.Kind[P]) {
	for _, kind := range kinds {
		receiver.On(mux, kind, func(_ context.Context, ev *receiver.Event, payload P) error { return in.handle(ev, payload) })
	}
}

func (in *integrator) handle(ev *receiver.Event, payload any) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.failing > 0 {
		in.failing--
		return in.trouble
	}
	in.handled = append(in.handled, handled{ev, fmt.Sprintf("%T", payload)})
	return nil
}

// fail makes the next runs of the handler end in err.
func (in *integrator) fail(runs int, err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.failing, in.trouble = runs, err
}

// count returns how many events were handled.
func (in *integrator) count() int { return len(in.since(0)) }

// since returns the events that were handled after the first n.
func (in *integrator) since(n int) []handled {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.handled[n:len(in.handled):len(in.handled)]
}
