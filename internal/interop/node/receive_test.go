package node_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/interop/tally"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/signature"
)

// What each library signs, the receiver takes, under each secret of its keyring and no other.
func (p *peer) takeWhatTheySend(t *testing.T) {
	got := make(chan *receiver.Event, 1)
	n := 0
	for _, scheme := range schemes {
		first, second := scheme.generate(), scheme.generate()
		url := receives(t, scheme.contract, signature.NewKeyring(scheme.shown(second), scheme.shown(first)), got)
		for name, body := range wares() {
			for secret, known := range map[signature.Secret]int{second: 0, first: 1, scheme.generate(): -1} {
				n++
				id := fmt.Sprintf("evt_%04d", n)
				signed := []byte(strings.Replace(body, "ID", id, 1))
				status := p.send(t, scheme.library, secret.Reveal(), id, url, signed)
				if known < 0 {
					require.Equal(t, 401, status, "%s: %s under a foreign secret", scheme.library, name)
					continue
				}
				require.Equal(t, 200, status, "%s: %s", scheme.library, name)
				ev := <-got
				require.Equal(t, scheme.contract, ev.Dialect)
				require.Equal(t, id, ev.ID)
				require.Equal(t, known, ev.Secret)
				require.Equal(t, "contact.created", ev.Type)
				require.True(t, string(signed) == string(ev.Body), "%s: %s: the body changed on its way", scheme.library, name)
			}
		}
	}
	tally.Ran(t, n, 84)
}

// receives is the URL of an endpoint that takes what one of keys signs.
func receives(t *testing.T, contract string, keys *signature.Keyring, got chan<- *receiver.Event) string {
	dialect := map[string]func(*signature.Keyring) receiver.Dialect{
		"kirim": receiver.Kirim, "standard": receiver.Standard,
	}[contract]
	h, err := receiver.Handler(receiver.HandlerFunc(func(_ context.Context, ev *receiver.Event) error {
		got <- ev
		return nil
	}), receiver.Config{Dialects: []receiver.Dialect{dialect(keys)}, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}
