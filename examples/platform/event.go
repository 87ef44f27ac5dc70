package main

import (
	"errors"
	"net/http"
	"slices"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
)

// receipt is what publishing did.
type receipt struct {
	ID         string `json:"id"`
	Deliveries int    `json:"deliveries"`
	Duplicate  bool   `json:"duplicate"`
}

// publish stores an event and its deliveries. The body goes out with the bytes that it has in the request.
func (a *api) publish(r *http.Request, org *sender.Org) (answer, error) {
	var ev envelope.Event
	if err := decode(r, fields{
		"source": &ev.Source, "type": &ev.Type, "id": &ev.ID, "device": &ev.Device, "channel": &ev.Channel, "body": &ev.Body,
	}); err != nil {
		return answer{}, err
	}
	if err := checkEvent(ev); err != nil {
		return answer{}, err
	}
	made, err := org.Publish(r.Context(), ev)
	switch {
	case errors.Is(err, sender.ErrConflict):
		return answer{}, &problem{http.StatusConflict, "conflict", "conflict",
			"id: it was published before, with another body", "id"}
	case errors.Is(err, sender.ErrInvalid):
		return answer{}, a.contradiction(ev, err)
	case err != nil:
		return answer{}, err
	}
	status := http.StatusCreated
	if made.Duplicate {
		status = http.StatusOK
	}
	return data(status, receipt{made.EventID, made.Deliveries, made.Duplicate})
}

// checkEvent asks for what every event has, and for texts that fit in a header.
func checkEvent(ev envelope.Event) error {
	for _, f := range []struct {
		param, text string
		most        int
	}{{"source", string(ev.Source), 128}, {"type", ev.Type, 128}, {"id", ev.ID, 255}, {"device", ev.Device, 255},
		{"channel", ev.Channel, 128}} {
		switch {
		case f.text == "" && (f.param == "source" || f.param == "type"):
			return missing(f.param)
		case f.text != "" && !printable(f.text, f.most):
			return invalid(f.param, "must be printable ASCII without spaces, and not longer than a header takes")
		}
	}
	if ev.Body == nil {
		return missing("body")
	}
	return nil
}

// contradiction finds the parameter of an event that the sender refused: the body, if it cannot be read, or the first
// one that says something else than the body.
func (a *api) contradiction(ev envelope.Event, refusal error) error {
	i := slices.IndexFunc(a.contracts, func(c sender.Contract) bool { return slices.Contains(c.Sources, ev.Source) })
	identify := a.contracts[i].Identify
	bare := envelope.Event{Source: ev.Source, Body: ev.Body}
	if err := identify(&bare); err != nil {
		return invalid("body", err.Error())
	}
	for _, f := range []struct {
		param string
		alone envelope.Event
	}{
		{"id", envelope.Event{ID: ev.ID}},
		{"type", envelope.Event{Type: ev.Type}},
		{"device", envelope.Event{Device: ev.Device}},
		{"channel", envelope.Event{Channel: ev.Channel}},
	} {
		f.alone.Source, f.alone.Body = ev.Source, ev.Body
		if identify(&f.alone) != nil {
			return invalid(f.param, "the body says otherwise")
		}
	}
	return refusal
}
