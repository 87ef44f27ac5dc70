package console

import (
	"errors"
	"html/template"
	"net/url"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/internal/dashboard"
	"github.com/kirimhooks/kirimhooks/sender"
)

// eventsPage is a page of the events that were published, those that nobody wanted too.
type eventsPage struct {
	Filter      filter
	Undelivered bool
	Choices     choices
	Rows        []sender.StoredEvent
	Older       template.URL
	Newest      template.URL
	First       bool
}

func (v *visit) events() (answer, error) {
	asked := v.r.URL.Query()
	f := filterOf(asked)
	f.Webhook, f.State, f.Event, f.Kind = "", "", "", "" // are of deliveries
	page := eventsPage{Filter: f, Undelivered: asked.Get("undelivered") != "", First: asked.Get("after") == ""}
	page.Choices = choices{Types: v.types(), Channels: v.channels(), Spans: spans}
	of := f.query(time.Now())
	q := sender.EventQuery{
		Type: of.EventType, Device: of.Device, Channel: of.Channel, Since: of.Since, Until: of.Until,
		Undelivered: page.Undelivered, After: asked.Get("after"), Limit: pageSize + 1,
	}
	for ev, err := range v.org.Events(v.ctx(), q) {
		if err != nil {
			return answer{}, err
		}
		page.Rows = append(page.Rows, ev)
	}
	back := f.values()
	if page.Undelivered {
		back.Set("undelivered", "1")
	}
	page.Newest = dashboard.QueryOf(back)
	if len(page.Rows) > pageSize {
		page.Rows = page.Rows[:pageSize]
		back.Set("after", page.Rows[pageSize-1].Event.ID)
		page.Older = dashboard.QueryOf(back)
	}
	return answer{template: "events", section: "events", title: v.language.Say("events"), data: page}, nil
}

// eventPage is one event, and what became of it for each subscription.
type eventPage struct {
	envelope.Event
	PublishedAt time.Time
	Trace       string
	Body        dashboard.Body
	Fates       []fate
	Save        template.URL // query of what saves the dashboard.Body
}

// fate is what became of an event for one subscription.
type fate struct {
	sender.Explanation
	Webhook webhookName
}

// event shows one. Its id may be any text, so that it stands in the query rather than in the path.
func (v *visit) event() (answer, error) {
	id := v.query("id")
	ev, err := v.org.Event(v.ctx(), id)
	if err != nil {
		return answer{}, err
	}
	page := eventPage{
		Event: ev.Event, PublishedAt: ev.PublishedAt, Trace: ev.Trace, Body: dashboard.BodyOf(ev.Event.Body),
		Save: dashboard.QueryOf(url.Values{"id": {id}}),
	}
	list, err := v.org.Explain(v.ctx(), id)
	if err != nil && !errors.Is(err, sender.ErrInvalid) && !errors.Is(err, sender.ErrUnknownSource) {
		return answer{}, err
	}
	var ids []string
	for _, e := range list {
		ids = append(ids, e.Subscription)
	}
	names, err := v.webhookNames(ids)
	if err != nil {
		return answer{}, err
	}
	for _, e := range list {
		page.Fates = append(page.Fates, fate{e, names[e.Subscription]})
	}
	return answer{template: "event", section: "events", title: ev.Event.Type, data: page}, nil
}

// eventBody is the exact bytes of an event, to be saved.
func (v *visit) eventBody() (answer, error) {
	ev, err := v.org.Event(v.ctx(), v.query("id"))
	return answer{raw: ev.Event.Body}, err
}
