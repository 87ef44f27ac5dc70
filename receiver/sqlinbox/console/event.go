package console

import (
	"github.com/kirimhooks/kirimhooks/internal/dashboard"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

// eventPage is one event: how it stands, how it came, and its body.
type eventPage struct {
	sqlinbox.Entry
	Body dashboard.Body
	When string // the text for what At is; "" if that says nothing
	Do   []string
}

func (v *visit) event() (answer, error) {
	e, err := v.inbox.Entry(v.ctx(), v.id)
	if err != nil {
		return answer{}, err
	}
	page := eventPage{Entry: e, Body: dashboard.BodyOf(e.Event.Body), Do: deedsFor(e.State)}
	switch {
	case e.State == sqlinbox.Running:
		page.When = "event.lease"
	case e.State != sqlinbox.Waiting:
		page.When = "event.ended"
	case e.Failures > 0 || e.Lane == "":
		page.When = "event.next"
	}
	section := "events"
	if e.State == sqlinbox.Dead {
		section = "dead"
	}
	title := dashboard.Legible(e.Event.Type)
	if title == "" {
		title = v.language.Say("event")
	}
	return answer{template: "event", section: section, title: title, data: page}, nil
}

// eventBody is the exact bytes of an event, to be saved.
func (v *visit) eventBody() (answer, error) {
	e, err := v.inbox.Entry(v.ctx(), v.id)
	if err != nil {
		return answer{}, err
	}
	return answer{save: true, raw: e.Event.Body}, nil
}
