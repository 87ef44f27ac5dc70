package sender

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/internal/id"
)

// How long ids, types and devices may be. [envelope.Printable] is the rule of both ends.
const (
	maxID     = 255
	maxType   = 128
	maxDevice = 512
)

// identify completes an event from its body, and refuses one that no endpoint could be sent.
func identify(carriers []*Contract, ev *envelope.Event) error {
	i := slices.IndexFunc(carriers, func(c *Contract) bool { return c.Identify != nil })
	switch {
	case i >= 0:
		if err := carriers[i].Identify(ev); err != nil {
			if len(FieldErrors(err)) > 0 {
				return fmt.Errorf("%w: %w", ErrInvalid, err)
			}
			return invalid("Body", "%w", bare(err))
		}
	case !json.Valid(ev.Body):
		return invalid("Body", "is not JSON")
	}
	if ev.ID == "" {
		ev.ID = id.New("evt_")
	}
	for _, f := range []struct {
		name, value string
		most        int
		hint        string
	}{
		{"ID", ev.ID, maxID, ""},
		{"Type", ev.Type, maxType, "; set it where the body states none"},
		{"Device", cmp.Or(ev.Device, "none"), maxDevice, ""},
		{"Channel", cmp.Or(ev.Channel, "none"), maxID, ""},
	} {
		if !envelope.Printable(f.value, f.most) {
			return invalid(f.name, "must be 1 to %d printable ASCII characters, without a space at either end%s", f.most, f.hint)
		}
	}
	return nil
}

// complete fills what is empty in ev with what its body states, and refuses what the body contradicts.
func complete(ev *envelope.Event, stated envelope.Event) error {
	for _, f := range []struct {
		name   string
		have   *string
		inBody string
	}{
		{"ID", &ev.ID, stated.ID},
		{"Type", &ev.Type, stated.Type},
		{"Device", &ev.Device, stated.Device},
		{"Channel", &ev.Channel, stated.Channel},
	} {
		switch {
		case *f.have == "":
			*f.have = f.inBody
		case *f.have != f.inBody && f.inBody != "":
			return &FieldError{f.name, fmt.Errorf("%q is not the body's %q; leave it empty to take the body's", *f.have,
				f.inBody)}
		}
	}
	ev.Test = stated.Test
	if ev.CreatedAt.IsZero() {
		ev.CreatedAt = stated.CreatedAt
	}
	return nil
}
