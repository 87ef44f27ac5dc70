package sender

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// What driver promises to stores.
const (
	maxOrgText   = 512      // bytes; org and id stand in an index together
	maxIndexText = 1 << 10  // bytes: ids, topics, and what queries compare
	maxRowText   = 64 << 10 // bytes of any other text
)

// validPublication refuses with [ErrInvalid] what no store could give back as it was. That is text that is not UTF-8,
// has a NUL or is too long, and a time outside the years 1 to 9999. No store asks again. Its Trace and Only come later,
// and are valid where they come from.
func validPublication(p *driver.Publication) error {
	var c validity
	c.text("Org", p.Org, maxOrgText)
	e := &p.Event
	for _, x := range [...]struct{ field, text string }{
		{"Event.ID", e.ID}, {"Event.Source", string(e.Source)}, {"Event.Type", e.Type}, {"Event.Device", e.Device},
		{"Event.Channel", e.Channel},
	} {
		c.text(x.field, x.text, maxIndexText)
	}
	for _, topic := range p.Topics {
		c.text("Topics", topic, maxIndexText)
	}
	c.time("Event.CreatedAt", e.CreatedAt)
	return c.err
}

// validRecord is the same for a subscription.
func validRecord(r *driver.SubscriptionRecord) error {
	var c validity
	c.text("Org", r.Org, maxOrgText)
	c.text("ID", r.ID, maxIndexText)
	for _, topic := range r.Topics {
		c.text("Topics", topic, maxIndexText)
	}
	for _, x := range [...]struct{ field, text string }{
		{"Name", r.Name}, {"Description", r.Description}, {"URL", r.URL}, {"Contract", r.Contract},
		{"Status", string(r.Status)}, {"StatusReason", r.StatusReason},
	} {
		c.text(x.field, x.text, maxRowText)
	}
	for _, name := range r.Events {
		c.text("Events", name, maxRowText)
	}
	for _, d := range r.Devices {
		c.text("Devices", d.ID, maxRowText)
		c.text("Devices", d.Channel, maxRowText)
	}
	for name, value := range r.Headers {
		c.text("Headers", name, maxRowText)
		c.text("Headers", value, maxRowText)
	}
	if math.IsNaN(r.Rate) || math.IsInf(r.Rate, 0) {
		c.fail("Rate: %v is no number", r.Rate)
	}
	c.time("CreatedAt", r.CreatedAt)
	c.time("ActivatedAt", r.ActivatedAt)
	for _, s := range r.Secrets {
		c.secret("Secrets", s.ID, s.CreatedAt, s.ExpiresAt)
	}
	for _, s := range r.Sealed {
		c.secret("Sealed", s.ID, s.CreatedAt, s.ExpiresAt)
	}
	return c.err
}

// validity keeps the first complaint.
type validity struct{ err error }

func (c *validity) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("%w: "+format, append([]any{ErrInvalid}, args...)...)
	}
}

func (c *validity) text(field, text string, most int) {
	switch {
	case len(text) > most:
		c.fail("%s: %d bytes, at most %d fit", field, len(text), most)
	case !utf8.ValidString(text):
		c.fail("%s: must be valid UTF-8", field)
	case strings.IndexByte(text, 0) >= 0:
		c.fail("%s: must not have a NUL", field)
	}
}

// Years are judged in UTC, since that is how stores keep times.
var (
	firstYear = time.Time{}
	pastYears = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
)

func validTime(t time.Time) bool { return !t.Before(firstYear) && t.Before(pastYears) }

func (c *validity) time(field string, t time.Time) {
	if !validTime(t) {
		c.fail("%s: outside the years 1 to 9999; were milliseconds taken for seconds?", field)
	}
}

func (c *validity) secret(field, id string, created, expires time.Time) {
	c.text(field, id, maxRowText)
	c.time(field+".CreatedAt", created)
	c.time(field+".ExpiresAt", expires)
}
