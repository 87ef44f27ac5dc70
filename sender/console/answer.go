package console

import (
	"bytes"
	"errors"
	"net/http"
	"time"

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

// section is one entry of the navigation.
type section struct{ Name, Path string }

var sections = []section{
	{"overview", ""}, {"webhooks", "webhooks"}, {"test", "test"}, {"logs", "logs"}, {"events", "events"}, {"dead", "dead"},
}

// view is what every template gets.
type view struct {
	Brand    string
	Language string
	Title    string
	Section  string
	Root     string // before each link
	Assets   string // makes a browser load what has changed
	Inside   bool   // the visitor was let in, so that there is navigation
	Nav      []section
	Changes  bool
	Ends     time.Time // when the visitor's link does; zero if he came by none
	Notice   string    // what a change has done
	Data     any
}

func (v *visit) write(a answer) {
	if a.to != "" {
		v.redirect(http.StatusSeeOther, v.place.root+a.to)
		return
	}
	if a.raw != nil {
		v.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		v.w.Header().Set("Content-Disposition", `attachment; filename="event.json"`)
		_, _ = v.w.Write(a.raw)
		return
	}
	page := view{
		Brand: v.cfg.Title, Language: v.language.code, Title: a.title, Section: a.section, Root: v.place.root,
		Assets: assetVersion, Inside: v.org != nil, Nav: sections, Changes: v.changes, Ends: v.ends,
		Data: a.data,
	}
	if done := v.query("done"); a.status == 0 && notices[done] {
		page.Notice = v.language.say("done." + done)
	}
	var text bytes.Buffer
	if err := v.language.templates.ExecuteTemplate(&text, a.template, page); err != nil {
		v.cfg.Logger.ErrorContext(v.ctx(), "console: a page could not be made", "page", a.template, "error", err)
		http.Error(v.w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Set("Content-Language", v.language.code)
	v.w.Header().Add("Vary", "Accept-Language")
	v.w.WriteHeader(max(a.status, http.StatusOK))
	_, _ = v.w.Write(text.Bytes()) // a visitor who is gone misses it
}

// notices are the changes that a page tells of when it was led to by one. Nothing else of the address is printed.
var notices = map[string]bool{
	"retried": true, "cancelled": true, "replayed": true,
	"created": true, "untested": true, "saved": true, "paused": true, "resumed": true, "ended": true, "deleted": true,
}

// problem is the page for what went wrong. What only the log should know is not on it.
func (v *visit) problem(err error) answer {
	status, key := http.StatusInternalServerError, "fault"
	var tooLarge *http.MaxBytesError
	switch {
	case errors.Is(err, errNoPage), errors.Is(err, sender.ErrNotFound):
		status, key = http.StatusNotFound, "missing"
	case errors.Is(err, errMethod):
		status, key = http.StatusMethodNotAllowed, "method"
	case errors.Is(err, errNoAccess):
		status, key = http.StatusForbidden, "access"
	case errors.Is(err, errReadOnly):
		status, key = http.StatusForbidden, "readonly"
	case errors.Is(err, errCrossOrigin):
		status, key = http.StatusForbidden, "origin"
	case errors.As(err, &tooLarge):
		status, key = http.StatusRequestEntityTooLarge, "form"
	case errors.Is(err, errForm):
		status, key = http.StatusBadRequest, "form"
	case errors.Is(err, sender.ErrConflict):
		status, key = http.StatusConflict, "conflict"
	case errors.Is(err, sender.ErrInvalid):
		status, key = http.StatusUnprocessableEntity, "refused"
	default:
		v.cfg.Logger.ErrorContext(v.ctx(), "console: a request failed", "path", v.place.parts, "error", err)
	}
	detail := ""
	if errors.Is(err, sender.ErrConflict) || errors.Is(err, sender.ErrInvalid) {
		detail = err.Error() // says which state is in the way
	}
	return answer{
		status: status, template: "problem", title: v.language.say("problem." + key),
		data: struct{ Key, Detail string }{"problem." + key + ".text", detail},
	}
}
