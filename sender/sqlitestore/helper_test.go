package sqlitestore_test

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/sqlitestore"
)

// open opens a store on a file until the test ends.
func open(t testing.TB, path string, cfg sqlitestore.Config) *sqlitestore.Store {
	t.Helper()
	s, err := sqlitestore.Open(t.Context(), path, cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// fresh opens a store on a new file, with subscription a of org acme for topic x.
func fresh(t testing.TB) *sqlitestore.Store {
	t.Helper()
	s := open(t, file(t), sqlitestore.Config{})
	subscribe(t, s, "a", "x")
	return s
}

func file(t testing.TB) string { return filepath.Join(t.TempDir(), "hooks.db") }

func subscribe(t testing.TB, s driver.Store, id string, topics ...string) {
	t.Helper()
	_, err := s.PutSubscription(t.Context(), driver.SubscriptionRecord{
		Subscription: driver.Subscription{
			ID: id, Org: "acme", URL: "https://example.com/" + id, Events: []string{"*"}, Status: driver.StatusActive,
		},
		Topics: topics,
	})
	require.NoError(t, err)
}

// batch makes n publications of 1 KiB.
func batch(prefix string, n int, topics ...string) []driver.Publication {
	pubs := make([]driver.Publication, n)
	for i := range pubs {
		body := fmt.Appendf(make([]byte, 0, 1024), `{"id":"%s%d","type":"contact.created","pad":"`, prefix, i)
		for len(body) < 1022 {
			body = append(body, 'x')
		}
		body = append(body, '"', '}')
		pubs[i] = driver.Publication{
			Org:    "acme",
			Event:  envelope.Event{ID: fmt.Sprint(prefix, i), Source: envelope.Kirim, Type: "contact.created", Body: body},
			Topics: topics,
			Digest: sha256.Sum256(body),
		}
	}
	return pubs
}

func enqueue(t testing.TB, s driver.Enqueuer, pubs []driver.Publication) {
	t.Helper()
	results, _, err := s.Enqueue(t.Context(), pubs, nil)
	require.NoError(t, err)
	for _, r := range results {
		require.NoError(t, r.Err)
	}
}

func request(n int) driver.ClaimRequest {
	return driver.ClaimRequest{Worker: "test", Limit: n, PerSubscription: n, Lease: time.Minute}
}

// delivered is the outcome of claims that succeeded.
func delivered(claims []driver.Claim) []driver.Outcome {
	outcomes := make([]driver.Outcome, len(claims))
	for i, c := range claims {
		outcomes[i] = driver.Outcome{
			Org: c.Delivery.Org, DeliveryID: c.Delivery.ID, Token: c.Token, EventID: c.Delivery.EventID,
			Subscription: c.Delivery.SubscriptionID,
			State:        driver.StateDelivered, Health: driver.HealthSuccess,
			Attempt: &driver.Attempt{N: c.Delivery.Attempt + 1, Duration: 12 * time.Millisecond, StatusCode: 200,
				Response: "ok"},
		}
	}
	return outcomes
}

func list(t testing.TB, s driver.Store, q driver.DeliveryQuery) []driver.Delivery {
	t.Helper()
	q.Org = "acme"
	found, err := s.Deliveries(t.Context(), q)
	require.NoError(t, err)
	return found
}
