package console

import (
	"errors"
	"net/http"

	"github.com/kirimhooks/kirimhooks/internal/dashboard"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

// answer is a page, or the way to one.
type answer struct {
	status   int    // 0 means 200
	template string // of the page
	section  string // of the navigation that it belongs to
	title    string
	data     any
	to       string // from the first page: see there instead
	raw      []byte // with save: bytes to be saved
	save     bool
}

var sections = []dashboard.Section{
	{Name: "overview", Path: ""}, {Name: "events", Path: "events"}, {Name: "blocked", Path: "blocked"},
	{Name: "dead", Path: "dead"},
}

func (v *visit) write(a answer) {
	if a.to != "" {
		dashboard.Redirect(v.w, http.StatusSeeOther, v.place.Root+a.to)
		return
	}
	if a.save {
		dashboard.WriteBody(v.w, a.raw)
		return
	}
	view := dashboard.View{
		Brand: v.cfg.Title, Title: a.title, Section: a.section, Root: v.place.Root, Inside: true, Nav: sections,
		Changes: v.changes, Data: a.data,
	}
	if done := v.query("done"); a.status == 0 && deeds[done] != nil {
		view.Notice = v.language.Say("done." + done)
	}
	if err := v.language.Write(v.w, a.status, a.template, view); err != nil {
		v.cfg.Logger.ErrorContext(v.ctx(), "console: a page could not be made", "error", err)
		http.Error(v.w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	}
}

// problem is the page for what went wrong. What only the log should know is not on it.
func (v *visit) problem(err error) answer {
	status, key := dashboard.Problem(err)
	detail := ""
	switch {
	case key != "fault":
	case errors.Is(err, sqlinbox.ErrNotFound):
		status, key = http.StatusNotFound, "missing"
	case errors.Is(err, sqlinbox.ErrState):
		status, key, detail = http.StatusConflict, "conflict", err.Error() // says which state is in the way
	default:
		v.cfg.Logger.ErrorContext(v.ctx(), "console: a request failed", "path", v.place.Parts, "error", err)
	}
	return answer{
		status: status, template: "problem", title: v.language.Say("problem." + key),
		data: dashboard.ProblemData(key, detail),
	}
}
