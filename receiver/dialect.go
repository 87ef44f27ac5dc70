package receiver

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
)

// Dialect is how one sender's requests are told, verified and read: data and pure functions, which must be safe for
// concurrent use. The functions of this package that return a Dialect have ready ones. [Signed] is the beginning of one
// of your own.
type Dialect struct {
	// Name tells dialects apart in events, logs and dedupe keys: letters, digits, '-', '_' and '.'. Required.
	Name string
	// Marks are names of headers that mark a request as this dialect's; one that ends in '-' marks every name that
	// begins with it. Case does not matter. Two dialects of one handler must not share a mark, and a request that
	// carries marks of two is refused. Required.
	Marks []string
	// Once are headers that may stand at most once, written like Marks: all that Verify and Parse look at. Defaults
	// to none.
	Once []string

	// Verify proves that the request comes from the sender, in constant time, and returns which secret did. It must
	// not keep r.Body. Required.
	Verify func(r Request, now time.Time) (secret int, err error)
	// Parse reads the verified body, which it may keep. It must take key, the identity for deduplication, from signed
	// bytes alone: what is not signed may only agree. An empty key means that this event is not deduplicated. The
	// event's Body is set by the handler. Required.
	Parse func(r Request) (ev envelope.Event, key string, err error)
	// Key, if set, replaces the key that Parse found; returning "" switches deduplication off for the event. Defaults
	// to the key of Parse.
	Key func(ev envelope.Event) string
	// Challenge answers a GET handshake with body, or not. Defaults to none: GET is 405.
	Challenge func(q map[string][]string) (body string, ok bool)

	// DeliveryHeader and AttemptHeader name the headers [Event.DeliveryID] and [Event.Attempt] are taken from.
	// Default to none.
	DeliveryHeader, AttemptHeader string
	// Deadline is how long after the arrival of its request a handler's context ends. Answers come half a second later
	// at the latest, if the handler honours its context. Stay that much, and the way of the answer, below the sender's
	// time-out. Defaults to 9 s.
	Deadline time.Duration
	// Remember is how long an event that was handled is a duplicate when it comes again. It must exceed the time over
	// which the sender retries. A [dedupe.Guard.TTL] that is set counts instead. Defaults to 48 h.
	Remember time.Duration
	// FailOpen runs the handler without deduplication when the dedupe store is down. It is right for a sender that
	// never retries, to whom a refusal means a lost event. Defaults to false: 503.
	FailOpen bool
	// Check is called once by [Handler], which returns its error: "no secret" belongs here. Defaults to none.
	Check func() error
}

// Request is what a dialect sees of a request.
type Request struct {
	Header http.Header
	Body   []byte // the exact bytes
}

func (d Dialect) withDefaults() Dialect {
	d.Deadline = cmp.Or(d.Deadline, 9*time.Second)
	d.Remember = cmp.Or(d.Remember, 48*time.Hour)
	d.DeliveryHeader, d.AttemptHeader = http.CanonicalHeaderKey(d.DeliveryHeader), http.CanonicalHeaderKey(d.AttemptHeader)
	return d
}

func (d *Dialect) validate() error {
	name := cmp.Or(d.Name, `""`)
	var errs []error
	complain := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("receiver: dialect %s: %w", name, bare(fmt.Errorf(format, args...))))
	}
	if !isName(d.Name) {
		complain("Name: need letters, digits, '-', '_' or '.'")
	}
	if len(d.Marks) == 0 {
		complain("Marks: at least one header is required")
	}
	for _, m := range slices.Concat(d.Marks, d.Once) {
		if strings.Trim(m, "-") == "" {
			complain("Marks, Once: %q is not a header name", m)
		}
	}
	if d.Verify == nil {
		complain("Verify is required")
	}
	if d.Parse == nil {
		complain("Parse is required")
	}
	if d.Deadline < 0 {
		complain("Deadline: %v is negative", d.Deadline)
	}
	if d.Remember < 0 {
		complain("Remember: %v is negative", d.Remember)
	}
	if d.Check != nil {
		if err := d.Check(); err != nil {
			complain("%w", err)
		}
	}
	return errors.Join(errs...)
}

// conflict complains where a request could be told as either of two dialects.
func (d *Dialect) conflict(other *Dialect) error {
	if d.Name == other.Name {
		return fmt.Errorf("receiver: dialect %s: stands twice", d.Name)
	}
	for _, m := range d.Marks {
		for _, o := range other.Marks {
			if matches(m, o) || matches(o, m) {
				return fmt.Errorf("receiver: dialects %s and %s share the mark %s; give each a handler of its own",
					other.Name, d.Name, m)
			}
		}
	}
	return nil
}

// How long ids and types may be, see [envelope.Printable].
const (
	maxID   = 255
	maxType = 128
)

var isName = regexp.MustCompile(`^[a-zA-Z0-9_.-]+$`).MatchString

// matches reports whether pattern, a header name or a prefix that ends in '-', covers name.
func matches(pattern, name string) bool {
	if strings.HasSuffix(pattern, "-") && len(name) > len(pattern) {
		name = name[:len(pattern)]
	}
	return pattern == name || strings.EqualFold(pattern, name)
}

// value is http.Header.Get for a name in canonical form, which Get would make sure of each time.
func value(h http.Header, name string) string {
	if v := h[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// inspect reports whether the request carries a mark of d, and the name of a header that may stand once and does not.
func (d *Dialect) inspect(h http.Header) (marked bool, twice string) {
	for name, values := range h {
		if len(values) == 0 {
			continue
		}
		covers := func(pattern string) bool { return matches(pattern, name) }
		marked = marked || slices.ContainsFunc(d.Marks, covers)
		if len(values) > 1 && slices.ContainsFunc(d.Once, covers) {
			twice = name
		}
	}
	return marked, twice
}

func disagrees(header string) error {
	return fmt.Errorf("%w: header %s does not agree with the body", ErrContradiction, header)
}
