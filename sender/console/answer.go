package console

import (
	"errors"
	"net/http"

	"github.com/kirimhooks/kirimhooks/internal/dashboard"
	"github.com/kirimhooks/kirimhooks/sender"
)

// answer is a page, or the way to one.
type answer struct {
	status   int    // 0 means 200
	template string // of the page
	section  string // of the navigation that it belongs to
	title    string
	data     any
	to       string // from the first page: see there instead
	raw      []byte // instead of a page: bytes to be saved
}

// seeOther leads to another page after a change. to is relative to the first page.
func seeOther(to string) answer { return answer{to: to} }

var sections = []dashboard.Section{
	{Name: "overview", Path: ""}, {Name: "webhooks", Path: "webhooks"}, {Name: "test", Path: "test"},
	{Name: "logs", Path: "logs"}, {Name: "events", Path: "events"}, {Name: "dead", Path: "dead"},
}

func (v *visit) write(a answer) {
	if a.to != "" {
		dashboard.Redirect(v.w, http.StatusSeeOther, v.place.Root+a.to)
		return
	}
	if a.raw != nil {
		dashboard.WriteBody(v.w, a.raw)
		return
	}
	view := dashboard.View{
		Brand: v.cfg.Title, Title: a.title, Section: a.section, Root: v.place.Root, Inside: v.org != nil, Nav: sections,
		Changes: v.changes, Ends: v.ends, Data: a.data,
	}
	if done := v.query("done"); a.status == 0 && notices[done] {
		view.Notice = v.language.Say("done." + done)
	}
	if err := v.language.Write(v.w, a.status, a.template, view); err != nil {
		v.cfg.Logger.ErrorContext(v.ctx(), "console: a page could not be made", "error", err)
		http.Error(v.w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	}
}

// notices are the changes that a page tells of when it was led to by one. Nothing else of the address is printed.
var notices = map[string]bool{
	"retried": true, "cancelled": true, "replayed": true,
	"created": true, "untested": true, "saved": true, "paused": true, "resumed": true, "ended": true, "deleted": true,
}

// problem is the page for what went wrong. What only the log should know is not on it.
func (v *visit) problem(err error) answer {
	status, key := dashboard.Problem(err)
	switch {
	case key != "fault":
	case errors.Is(err, sender.ErrNotFound):
		status, key = http.StatusNotFound, "missing"
	case errors.Is(err, sender.ErrConflict):
		status, key = http.StatusConflict, "conflict"
	case errors.Is(err, sender.ErrInvalid):
		status, key = http.StatusUnprocessableEntity, "refused"
	default:
		v.cfg.Logger.ErrorContext(v.ctx(), "console: a request failed", "path", v.place.Parts, "error", err)
	}
	detail := ""
	if errors.Is(err, sender.ErrConflict) || errors.Is(err, sender.ErrInvalid) {
		detail = err.Error() // says which state is in the way
	}
	return answer{
		status: status, template: "problem", title: v.language.Say("problem." + key),
		data: dashboard.ProblemData(key, detail),
	}
}
