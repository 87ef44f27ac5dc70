package node_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/internal/interop/tally"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
	"github.com/kirimhooks/kirimhooks/signature"
)

// schemes are the libraries by the contract and source that they understand.
var schemes = []struct {
	library, contract string
	source            envelope.Source
	generate          func() signature.Secret
	shown             func(signature.Secret) signature.Secret // what the receiver gets of it
}{
	{"stripe", "kirim", envelope.Kirim, signature.GenerateSecret, itself},
	{"standardwebhooks", "standard", envelope.Standard, signature.GenerateSecret, itself},
	{"svix", "standard", envelope.Standard, signature.GenerateSecret, itself},
	{"ed25519", "standard", envelope.Standard, signature.GenerateEd25519, signature.Secret.Public},
}

func itself(s signature.Secret) signature.Secret { return s }

// What the Sender sends, each library takes: under the one secret, and while it is rotated under the old one and the
// new.
func (p *peer) verifyWhatWeSend(t *testing.T) {
	finished := make(chan sender.Delivery, 1)
	s, err := sender.New(memstore.New(), sender.Config{
		Contracts:    []sender.Contract{sender.Kirim(), sender.Standard()},
		AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Logger:       slog.New(slog.DiscardHandler),
		Hooks:        sender.Hooks{Finished: func(_ context.Context, d sender.Delivery) { finished <- d }},
	})
	require.NoError(t, err)
	run(t, s)

	n := 0
	deliver := func(org *sender.Org, source envelope.Source, body string, want sender.State) {
		n++
		id := fmt.Sprintf("evt_%04d", n)
		ev := envelope.Event{ID: id, Source: source, Body: []byte(strings.Replace(body, "ID", id, 1))}
		_, err := org.Publish(t.Context(), ev)
		require.NoError(t, err)
		select {
		case d := <-finished:
			attempts, err := org.Attempts(t.Context(), d.ID)
			require.NoError(t, err)
			require.Equal(t, want, d.State, "%s: %+v", source, attempts)
			require.Equal(t, 1, d.Attempt)
		case <-time.After(30 * time.Second):
			t.Fatal("not delivered")
		}
	}
	for i, scheme := range schemes {
		for j, known := range []string{"the only", "the old", "the new", "a wrong"} {
			org := s.Org(fmt.Sprintf("org_%d_%d", i, j))
			first, second := scheme.generate(), scheme.generate()
			endpoint := map[string]signature.Secret{"the only": first, "the old": first, "the new": second,
				"a wrong": scheme.generate()}[known]
			want := sender.StateDelivered
			if known == "a wrong" {
				want = sender.StateDead // else the peer would verify nothing
			}
			sub, _, err := org.Subscribe(t.Context(), sender.Subscription{
				URL: p.verifies(scheme.library, scheme.shown(endpoint).Reveal()), Contract: scheme.contract, Events: []string{"*"},
			}, first)
			require.NoError(t, err)
			if known == "the old" || known == "the new" {
				_, err = org.RotateSecret(t.Context(), sub.ID, sender.Rotation{Overlap: time.Hour, Secret: second})
				require.NoError(t, err)
			}
			for _, body := range wares() {
				deliver(org, scheme.source, body, want)
			}
		}
	}
	tally.Ran(t, n, 112)
}

func run(t *testing.T, s *sender.Sender) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})
}
