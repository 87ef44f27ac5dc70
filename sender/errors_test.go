package sender_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
	"github.com/kirimhooks/kirimhooks/signature"
)

// packageNames are those with which the texts of errors begin, all over the module.
func packageNames(t *testing.T) *regexp.Regexp {
	t.Helper()
	begins := regexp.MustCompile(`(?:errors\.New|fmt\.Errorf)\("([a-z]+): `)
	names := map[string]bool{}
	for _, root := range []string{".", "../envelope", "../signature", "../internal/egress"} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			source, err := os.ReadFile(path)
			for _, found := range begins.FindAllStringSubmatch(string(source), -1) {
				names[found[1]] = true
			}
			return err
		})
		require.NoError(t, err)
	}
	for _, name := range []string{"sender", "egress", "pgstore", "sqlitestore", "memstore", "kirim", "meta"} {
		require.True(t, names[name], name)
	}
	list := make([]string, 0, len(names))
	for name := range names {
		list = append(list, name)
	}
	return regexp.MustCompile(`(?:^|[ \n])(?:` + strings.Join(list, "|") + `): `)
}

// requireOneSentence wants each line of err to begin with this package's name and to have no other.
func requireOneSentence(t *testing.T, names *regexp.Regexp, err error, about string) {
	t.Helper()
	require.Error(t, err, about)
	for line := range strings.SplitSeq(err.Error(), "\n") {
		require.True(t, strings.HasPrefix(line, "sender: "), "%s: %s", about, line)
		require.Len(t, names.FindAllString(line, -1), 1, "%s: %s", about, line)
	}
}

// broken is a store of which every call fails, in the words of one of ours.
type broken struct{ cause error }

func (b broken) err(op string) error {
	return fmt.Errorf("pgstore: %s: memstore: subscription %q: %w", op, "s", b.cause)
}

func (b broken) Enqueue(
	context.Context, []driver.Publication, *driver.ClaimRequest,
) ([]driver.Enqueued, []driver.Claim, error) {
	return nil, nil, b.err("enqueue")
}
func (b broken) Claim(context.Context, driver.ClaimRequest) (driver.Claims, error) {
	return driver.Claims{}, b.err("claim")
}
func (b broken) Settle(context.Context, []driver.Outcome) ([]driver.Settled, error) {
	return nil, b.err("settle")
}
func (b broken) PutSubscription(context.Context, driver.SubscriptionRecord) (int64, error) {
	return 0, b.err("put")
}
func (b broken) DeleteSubscription(context.Context, string, string) error { return b.err("delete") }
func (b broken) Subscriptions(context.Context, driver.SubscriptionQuery) ([]driver.SubscriptionRecord, error) {
	return nil, b.err("subscriptions")
}
func (b broken) Event(context.Context, string, string) (sender.StoredEvent, error) {
	return sender.StoredEvent{}, b.err("event")
}
func (b broken) Events(context.Context, sender.EventQuery) ([]sender.StoredEvent, error) {
	return nil, b.err("events")
}
func (b broken) Erase(context.Context, string, int) (int, error) { return 0, b.err("erase") }
func (b broken) Deliveries(context.Context, sender.DeliveryQuery) ([]sender.Delivery, error) {
	return nil, b.err("deliveries")
}
func (b broken) Attempts(context.Context, string, string) ([]sender.Attempt, error) {
	return nil, b.err("attempts")
}
func (b broken) Replay(context.Context, driver.ReplayRequest) ([]sender.Replayed, error) {
	return nil, b.err("replay")
}
func (b broken) RetryNow(context.Context, sender.DeliveryQuery) ([]string, error) {
	return nil, b.err("retry now")
}
func (b broken) Cancel(context.Context, sender.DeliveryQuery) ([]sender.Cancelled, error) {
	return nil, b.err("cancel")
}
func (b broken) Purge(context.Context, driver.PurgeRequest) (sender.Purged, error) {
	return sender.Purged{}, b.err("purge")
}
func (b broken) Minutes(context.Context, string, string, time.Duration) ([]sender.Minute, error) {
	return nil, b.err("minutes")
}
func (b broken) Counts(context.Context, string) (sender.Counts, error) {
	return sender.Counts{}, b.err("counts")
}

// readOnly is a store that can be read, and written once.
type readOnly struct {
	broken
	driver.Directory
	driver.Log
	puts *int
}

func (r readOnly) Subscriptions(ctx context.Context, q driver.SubscriptionQuery) ([]driver.SubscriptionRecord, error) {
	return r.Directory.Subscriptions(ctx, q)
}
func (r readOnly) PutSubscription(ctx context.Context, s driver.SubscriptionRecord) (int64, error) {
	if *r.puts++; *r.puts > 1 {
		return r.broken.PutSubscription(ctx, s)
	}
	return r.Directory.PutSubscription(ctx, s)
}
func (r readOnly) DeleteSubscription(ctx context.Context, org, id string) error {
	return r.broken.DeleteSubscription(ctx, org, id)
}
func (r readOnly) Event(ctx context.Context, org, id string) (sender.StoredEvent, error) {
	return r.broken.Event(ctx, org, id)
}
func (r readOnly) Events(ctx context.Context, q sender.EventQuery) ([]sender.StoredEvent, error) {
	return r.broken.Events(ctx, q)
}
func (r readOnly) Erase(ctx context.Context, org string, limit int) (int, error) {
	return r.broken.Erase(ctx, org, limit)
}
func (r readOnly) Deliveries(ctx context.Context, q sender.DeliveryQuery) ([]sender.Delivery, error) {
	return r.Log.Deliveries(ctx, q)
}
func (r readOnly) Attempts(ctx context.Context, org, id string) ([]sender.Attempt, error) {
	return r.broken.Attempts(ctx, org, id)
}
func (r readOnly) Replay(ctx context.Context, q driver.ReplayRequest) ([]sender.Replayed, error) {
	return r.broken.Replay(ctx, q)
}
func (r readOnly) RetryNow(ctx context.Context, q sender.DeliveryQuery) ([]string, error) {
	return r.broken.RetryNow(ctx, q)
}
func (r readOnly) Cancel(ctx context.Context, q sender.DeliveryQuery) ([]sender.Cancelled, error) {
	return r.broken.Cancel(ctx, q)
}
func (r readOnly) Purge(ctx context.Context, q driver.PurgeRequest) (sender.Purged, error) {
	return r.broken.Purge(ctx, q)
}
func (r readOnly) Minutes(ctx context.Context, org, sub string, back time.Duration) ([]sender.Minute, error) {
	return r.broken.Minutes(ctx, org, sub, back)
}

// callAll calls every method of v that may fail, whatever it is named, and returns the errors by name.
func callAll(t *testing.T, v any, subscription string, cause error) map[string]error {
	t.Helper()
	failed := map[string]error{}
	value := reflect.ValueOf(v)
	for i := range value.NumMethod() {
		name, method := value.Type().Method(i).Name, value.Method(i)
		if name == "Run" {
			continue // works until it is told to end
		}
		for _, result := range method.Call(arguments(t, method.Type(), subscription, cause)) {
			if err, ok := result.Interface().(error); ok {
				failed[name] = err
			}
			if result.Kind() == reflect.Func && result.Type().CanSeq2() {
				for _, second := range result.Seq2() {
					if err, ok := second.Interface().(error); ok {
						failed[name] = err
					}
				}
			}
		}
	}
	return failed
}

func arguments(t *testing.T, method reflect.Type, subscription string, cause error) (list []reflect.Value) {
	t.Helper()
	in := method.NumIn()
	if method.IsVariadic() {
		in--
	}
	for i := range in {
		switch of := method.In(i); of {
		case reflect.TypeFor[context.Context]():
			list = append(list, reflect.ValueOf(t.Context()))
		case reflect.TypeFor[string]():
			list = append(list, reflect.ValueOf(subscription))
		case reflect.TypeFor[sender.Subscription]():
			list = append(list, reflect.ValueOf(sender.Subscription{URL: "https://example.com/", Events: []string{"*"}}))
		case reflect.TypeFor[func(*sender.Subscription)]():
			list = append(list, reflect.ValueOf(func(s *sender.Subscription) { s.Name = "another" }))
		case reflect.TypeFor[envelope.Event]():
			list = append(list, reflect.ValueOf(contactCreated(t)))
		case reflect.TypeFor[[]envelope.Event]():
			list = append(list, reflect.ValueOf([]envelope.Event{contactCreated(t)}))
		case reflect.TypeFor[driver.Enqueuer]():
			list = append(list, reflect.ValueOf(broken{cause}))
		default:
			list = append(list, reflect.Zero(of))
		}
	}
	return list
}

// An error names its package once, whatever has failed beneath: whoever reads it needs no map of the library.
func TestErrorsAreOneSentence(t *testing.T) {
	names := packageNames(t)
	for _, cause := range []error{sender.ErrNotFound, sender.ErrConflict, sender.ErrInvalid,
		errors.New("connection refused")} {
		stores := map[string]sender.Store{"nothing works": broken{cause}, "nothing can be written": func() sender.Store {
			store := memstore.New()
			return readOnly{broken{cause}, store, store, new(int)}
		}()}
		for what, store := range stores {
			s, err := sender.New(store, sender.Config{Transport: statuses(200)})
			require.NoError(t, err)
			org := s.Org("acme")
			sub, _, err := org.Subscribe(t.Context(), sender.Subscription{URL: "https://example.com/", Events: []string{"*"}})
			require.Equal(t, what == "nothing works", err != nil)
			seen := 0
			for _, on := range []any{org, s} {
				for name, err := range callAll(t, on, sub.ID, cause) {
					seen++
					requireOneSentence(t, names, err, name+", "+what)
					if strings.Contains(err.Error(), "subscription \"s\"") {
						require.ErrorIs(t, err, cause, name)
					}
				}
			}
			require.Greater(t, seen, 12)
		}
	}
	s, err := sender.New(memstore.New(), sender.Config{})
	require.NoError(t, err)
	for name, err := range callAll(t, s.Org("acme"), "unknown", sender.ErrNotFound) {
		requireOneSentence(t, names, err, name+", nothing is there")
	}
}

func TestRefusalsAreOneSentence(t *testing.T) {
	names := packageNames(t)
	s, err := sender.New(memstore.New(), sender.Config{Contracts: []sender.Contract{sender.Kirim(), sender.Kirisan(),
		sender.Standard()}})
	require.NoError(t, err)
	org := s.Org("acme")
	for raw, want := range map[string]string{
		"https://example.com.":          "sender: forbidden URL: the host ends in a dot; remove it",
		"http://example.com":            "sender: forbidden URL: plain http shows every payload on the way; use https",
		"https://10.0.0.1/":             "sender: forbidden URL: 10.0.0.1 is not public: 10.0.0.0/8 (private use)",
		"https://[64:ff9b::a9fe:a9fe]/": "sender: forbidden URL: 64:ff9b::a9fe:a9fe is not public: by NAT64 it is 169.254.169.254, in 169.254.0.0/16 (link local)",
		"https://[::1%25lo]/":           "sender: forbidden URL: the IP address has a zone; remove % and what follows",
		"https://example.com:80/":       "sender: forbidden URL: port 80 is closed; only 443 may be used",
	} {
		err := subscribe(t, org, sender.Subscription{URL: raw, Events: []string{"*"}})
		require.ErrorIs(t, err, sender.ErrForbiddenURL)
		require.EqualError(t, err, want)
	}
	_, _, err = org.Subscribe(t.Context(), sender.Subscription{Contract: "standard", URL: "https://10.0.0.1/", Events: nil,
		Name: "\xff"})
	requireOneSentence(t, names, err, "several complaints")
	_, _, err = org.Subscribe(t.Context(), sender.Subscription{Contract: "standard", URL: "https://example.com/",
		Events: []string{"*"}}, signature.NewSecret("short"))
	requireOneSentence(t, names, err, "a secret")

	for _, source := range []envelope.Source{envelope.Kirim, envelope.Meta, envelope.Kirisan, envelope.Standard, "other"} {
		for _, body := range []string{"", "[]", "{", `{"id":1}`, `{"id":"a","id":"b"}`, strings.Repeat("[", 100),
			`{"entry":3}`, `{"type":"x"}`, "{} {}"} {
			if _, err := org.Publish(t.Context(),
				envelope.Event{Source: source, ID: "a.b", Type: "t", Body: []byte(body)}); err != nil {
				requireOneSentence(t, names, err, body)
			}
		}
	}
	_, err = org.Test(t.Context(), "unknown", sender.TestRequest{Type: "nothing"})
	requireOneSentence(t, names, err, "a test")

	for name, cfg := range map[string]sender.Config{
		"prefixes": {AllowPrivate: []netip.Prefix{{}, netip.PrefixFrom(netip.MustParseAddr("::ffff:10.0.0.0"), 104)},
			NAT64: []netip.Prefix{{}, netip.MustParsePrefix("10.0.0.0/8")}},
		"proxy":    {EgressProxy: &url.URL{Scheme: "ftp", Host: "proxy"}},
		"contract": {Contracts: []sender.Contract{{}}},
	} {
		_, err := sender.New(memstore.New(), cfg)
		requireOneSentence(t, names, err, name)
	}
}
