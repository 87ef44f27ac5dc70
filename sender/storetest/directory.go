package storetest

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func directoryCases() []func(*world) {
	return []func(*world){
		subscriptionsComeBackAsTheyWerePut,
		putReplacesTheVersionItNames,
		putOfAnotherVersionIsAConflict,
		putOfAKnownIDIsAConflict,
		putOfAnUnknownSubscriptionIsNotFound,
		putByTwoAtOnceLetsOneWin,
		subscriptionsAreListedByID,
		subscriptionsArePickedByID,
		subscriptionsOfAnEmptyOrgAreNone,
	}
}

func subscriptionsComeBackAsTheyWerePut(w *world) {
	at := time.Date(2026, 2, 3, 4, 5, 6, 789000, time.UTC)
	r := record(acme, "wbs_1", "kirim:*", "kirim:contact.created\x1fdevice")
	r.Name, r.Description = "CRM", "Ünïcode \"quotes\" 'and' \\ slashes"
	r.Events = []string{"contact.created", "message.*"}
	r.Devices = []driver.Device{{ID: "6281", Channel: "whatsapp"}, {ID: "bot", Channel: "telegram"}}
	r.Headers, r.Rate, r.ActivatedAt = map[string]string{"X-One": "1", "X-Two": "two"}, 0.25, at
	r.Status, r.StatusReason = driver.StatusPaused, "by its owner"
	r.Sealed = []driver.SecretRecord{
		{ID: "sec_2", Sealed: []byte{0, 255, 1, 254, 0}, CreatedAt: at},
		{ID: "sec_1", Sealed: []byte("plain"), CreatedAt: at, ExpiresAt: at.Add(24 * time.Hour)},
	}
	version, err := w.PutSubscription(w.ctx, r)
	require.NoError(w, err)
	require.NotZero(w, version)

	got := w.subscription(acme, "wbs_1")
	require.Equal(w, version, got.Version)
	require.True(w, r.CreatedAt.Equal(got.CreatedAt))
	require.True(w, r.ActivatedAt.Equal(got.ActivatedAt))
	require.Len(w, got.Sealed, 2)
	for i, s := range got.Sealed {
		require.Equal(w, r.Sealed[i].ID, s.ID, "in order")
		require.Equal(w, r.Sealed[i].Sealed, s.Sealed, "bit for bit")
		require.True(w, r.Sealed[i].CreatedAt.Equal(s.CreatedAt))
		require.True(w, r.Sealed[i].ExpiresAt.Equal(s.ExpiresAt))
		require.Equal(w, r.Sealed[i].ExpiresAt.IsZero(), s.ExpiresAt.IsZero())
	}
	require.ElementsMatch(w, r.Topics, got.Topics)
	got.Version, got.Sealed, got.Topics = 0, r.Sealed, r.Topics
	got.CreatedAt, got.ActivatedAt = r.CreatedAt, r.ActivatedAt
	require.Equal(w, r, got)
}

func putReplacesTheVersionItNames(w *world) {
	r := w.subscribe("a", "x")
	r.URL, r.Headers, r.Topics = "https://example.org/", map[string]string{"X-New": "1"}, []string{"y"}
	version, err := w.PutSubscription(w.ctx, r)
	require.NoError(w, err)
	require.NotEqual(w, r.Version, version)

	got := w.subscription(acme, "a")
	require.Equal(w, version, got.Version)
	require.Equal(w, "https://example.org/", got.URL)
	require.Equal(w, r.Headers, got.Headers)
	require.Equal(w, []string{"y"}, got.Topics)
}

func putOfAnotherVersionIsAConflict(w *world) {
	old := w.subscribe("a", "x")
	current := old
	current.Name = "second"
	version, err := w.PutSubscription(w.ctx, current)
	require.NoError(w, err)
	for _, wrong := range []int64{old.Version, version + 1, -1} {
		r := old
		r.Version, r.Name = wrong, "wrong"
		_, err := w.PutSubscription(w.ctx, r)
		require.ErrorIs(w, err, driver.ErrConflict, "version %d", wrong)
	}
	require.Equal(w, "second", w.subscription(acme, "a").Name)
}

func putOfAKnownIDIsAConflict(w *world) {
	w.subscribe("a", "x")
	_, err := w.PutSubscription(w.ctx, record(acme, "a", "y"))
	require.ErrorIs(w, err, driver.ErrConflict)
	require.Equal(w, []string{"x"}, w.subscription(acme, "a").Topics)
}

func putOfAnUnknownSubscriptionIsNotFound(w *world) {
	r := record(acme, "a", "x")
	r.Version = 1
	_, err := w.PutSubscription(w.ctx, r)
	require.ErrorIs(w, err, driver.ErrNotFound)

	gone := w.subscribe("b", "x")
	require.NoError(w, w.DeleteSubscription(w.ctx, acme, "b"))
	_, err = w.PutSubscription(w.ctx, gone)
	require.ErrorIs(w, err, driver.ErrNotFound)
}

func putByTwoAtOnceLetsOneWin(w *world) {
	r := w.subscribe("a", "x")
	const n = 16
	errs := parallel(n, func(i int) error {
		mine := r
		mine.Name = fmt.Sprint(i)
		_, err := w.PutSubscription(w.ctx, mine)
		return err
	})
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		require.ErrorIs(w, err, driver.ErrConflict)
	}
	require.Equal(w, 1, won)
}

func subscriptionsAreListedByID(w *world) {
	for _, id := range []string{"c", "a", "e", "b", "d", "B", "aa"} {
		w.subscribe(id, "x")
	}
	w.create(record(rival, "bb", "x"))
	want := []string{"B", "a", "aa", "b", "c", "d", "e"}
	require.Equal(w, want, w.listed(driver.SubscriptionQuery{Org: acme}), "byte order, all of them")
	require.Equal(w, want[:3], w.listed(driver.SubscriptionQuery{Org: acme, Limit: 3}))
	require.Equal(w, want[3:], w.listed(driver.SubscriptionQuery{Org: acme, After: "aa"}))
	require.Equal(w, want[3:5], w.listed(driver.SubscriptionQuery{Org: acme, After: "aa", Limit: 2}))
	require.Equal(w, want[4:], w.listed(driver.SubscriptionQuery{Org: acme, After: "bb"}), "after an id that is not there")
	require.Empty(w, w.listed(driver.SubscriptionQuery{Org: acme, After: "e"}))
}

func subscriptionsArePickedByID(w *world) {
	for _, id := range []string{"a", "b", "c", "d"} {
		w.subscribe(id, "x")
	}
	w.create(record(rival, "r", "x"))
	pick := []string{"d", "unknown", "a", "r", "c", "a"}
	require.Equal(w, []string{"a", "c", "d"}, w.listed(driver.SubscriptionQuery{Org: acme, IDs: pick}))
	require.Equal(w, []string{"c", "d"}, w.listed(driver.SubscriptionQuery{Org: acme, IDs: pick, After: "a"}))
	require.Empty(w, w.listed(driver.SubscriptionQuery{Org: acme, IDs: []string{"unknown"}}))
}

func subscriptionsOfAnEmptyOrgAreNone(w *world) {
	w.create(record(rival, "r", "x"))
	require.Empty(w, w.listed(driver.SubscriptionQuery{Org: acme}))
}

func (w *world) listed(q driver.SubscriptionQuery) []string {
	w.Helper()
	list, err := w.Subscriptions(w.ctx, q)
	require.NoError(w, err)
	var ids []string
	for _, r := range list {
		require.Equal(w, q.Org, r.Org)
		ids = append(ids, r.ID)
	}
	return ids
}
