package main

import (
	"cmp"
	"errors"
	"net/http"
	"strings"

	"github.com/kirimhooks/kirimhooks/sender"
)

// problemOf translates an error; nil if the fault is ours.
func problemOf(err error) *problem {
	var own *problem
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &own):
		return own
	case errors.Is(err, sender.ErrNotFound):
		return errNotFound
	case errors.Is(err, sender.ErrTooLarge), errors.As(err, &tooLarge):
		return errTooLarge
	case errors.Is(err, sender.ErrForbiddenURL):
		return refused("invalid_webhook_url", err)
	case errors.Is(err, sender.ErrInvalid):
		return refused("invalid_request", err)
	case errors.Is(err, sender.ErrUnknownSource):
		return &problem{http.StatusBadRequest, badRequest, "unknown_source", "source: no contract here carries it", "source"}
	case errors.Is(err, sender.ErrHostChanged):
		return &problem{http.StatusBadRequest, badRequest, "host_changed",
			`url: another host would learn the secret; add "secret": "renew", or "keep" if it knows it already`, "url"}
	case errors.Is(err, sender.ErrLimit):
		return conflicting("limit_reached", "the org has as many subscriptions as it may")
	case errors.Is(err, sender.ErrConflict):
		return conflicting("conflict", "another change came between; try again")
	}
	return nil
}

// parameters are our names for the sender's.
var parameters = map[string]string{
	"URL": "url", "Description": "description", "Events": "events", "Devices": "devices", "Contract": "contract",
	"ID": "id", "Type": "type", "Device": "device", "Channel": "channel", "Body": "body",
	"secrets": "secret", "Secret": "secret", "Overlap": "expires_in_hours",
}

// refused shows what the sender says of an argument, by our names. The first field that we have a name for is the
// parameter.
func refused(code string, err error) *problem {
	p := &problem{status: http.StatusBadRequest, kind: badRequest, code: code, message: err.Error()}
	var complaints []string
	for _, e := range sender.FieldErrors(err) {
		field := e.Field
		end := strings.IndexAny(field+".", "[.")
		if ours, known := parameters[field[:end]]; known {
			p.param = cmp.Or(p.param, ours)
			field = ours + field[end:]
		}
		complaints = append(complaints, field+": "+e.Err.Error())
	}
	if len(complaints) > 0 {
		p.message = strings.Join(complaints, "; ")
	}
	return p
}
