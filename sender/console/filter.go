package console

import (
	"html/template"
	"net/url"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/internal/dashboard"
	"github.com/kirimhooks/kirimhooks/sender"
)

// filter is what a list of deliveries is narrowed to, as the address has it.
type filter struct {
	Webhook, State, Type, Event, Device, Channel string
	Kind                                         string // "live", "test" or ""
	Span                                         string // "1h", "24h", "7d" or ""
	Since, Until                                 string // as forms write a time, in UTC
	WrongSince, WrongUntil                       bool
}

// states are what a filter can choose, in the order of a delivery's life.
var states = []sender.State{
	sender.StatePending, sender.StateHeld, sender.StateDelivered, sender.StateDead, sender.StateCancelled,
}

var spans = []string{"1h", "24h", "7d"}

var spanLengths = map[string]time.Duration{"1h": time.Hour, "24h": 24 * time.Hour, "7d": 7 * 24 * time.Hour}

const formTime = "2006-01-02T15:04"

func filterOf(q url.Values) filter {
	f := filter{
		Webhook: q.Get("webhook"), State: q.Get("state"), Type: q.Get("type"), Event: q.Get("event"),
		Device: q.Get("device"), Channel: q.Get("channel"), Kind: q.Get("kind"), Span: q.Get("span"),
		Since: q.Get("since"), Until: q.Get("until"),
	}
	if !slices.Contains(states, sender.State(f.State)) {
		f.State = ""
	}
	_, since := parseTime(f.Since)
	_, until := parseTime(f.Until)
	f.WrongSince, f.WrongUntil = !since, !until
	return f
}

// parseTime reads what a form has; the zero time for nothing.
func parseTime(text string) (at time.Time, ok bool) {
	if text == "" {
		return time.Time{}, true
	}
	for _, layout := range []string{formTime, "2006-01-02T15:04:05", "2006-01-02"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, at.Year() >= 1
		}
	}
	return time.Time{}, false
}

// query is the filter as the sender takes it.
func (f filter) query(now time.Time) sender.DeliveryQuery {
	q := sender.DeliveryQuery{
		Subscription: f.Webhook, EventID: f.Event, EventType: f.Type, Device: f.Device, Channel: f.Channel,
		Live: f.Kind == "live", Test: f.Kind == "test",
	}
	if f.State != "" {
		q.States = []sender.State{sender.State(f.State)}
	}
	q.Since, _ = parseTime(f.Since)
	q.Until, _ = parseTime(f.Until)
	if length, ok := spanLengths[f.Span]; ok && q.Since.IsZero() {
		q.Since = now.Add(-length)
	}
	return q
}

// fixed is the filter with a span that does not move on, as of now.
func (f filter) fixed(now time.Time) filter {
	q := f.query(now)
	f.Span = ""
	if !q.Since.IsZero() {
		f.Since = q.Since.UTC().Format(formTime + ":05")
	}
	if q.Until.IsZero() || q.Until.After(now) {
		q.Until = now.Add(time.Second) // forms have no fractions
	}
	f.Until = q.Until.UTC().Format(formTime + ":05")
	return f
}

// values is the filter as an address has it.
func (f filter) values() url.Values {
	q := url.Values{}
	for name, value := range map[string]string{
		"webhook": f.Webhook, "state": f.State, "type": f.Type, "event": f.Event, "device": f.Device,
		"channel": f.Channel, "kind": f.Kind, "span": f.Span, "since": f.Since, "until": f.Until,
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q
}

// Query is the filter as a link has it, after the question mark.
func (f filter) Query() template.URL { return dashboard.QueryOf(f.values()) }

// Values are what a form carries on.
func (f filter) Values() url.Values { return f.values() }

// Any reports whether anything is filtered.
func (f filter) Any() bool { return len(f.values()) > 0 }

// Rare reports whether something is that the form keeps folded away.
func (f filter) Rare() bool {
	return f.Event != "" || f.Device != "" || f.Channel != "" || f.Kind != "" || f.Since != "" || f.Until != ""
}
