package dashboard

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"time"
)

// Section is one entry of the navigation.
type Section struct{ Name, Path string }

// View is what every template gets.
type View struct {
	Brand    string
	Language string
	Title    string
	Section  string
	Root     string // before each link
	Assets   string // makes a browser load what has changed
	Inside   bool   // the visitor was let in, so that there is navigation
	Nav      []Section
	Changes  bool
	Ends     time.Time // when the visitor's link does; zero if he came by none
	Notice   string    // what a change has done
	Data     any
}

// Write answers with a page; status 0 is 200. Nothing is written after an error.
func (l *Language) Write(w http.ResponseWriter, status int, name string, v View) error {
	v.Language, v.Assets = l.Code, AssetVersion
	var text bytes.Buffer
	if err := l.templates.ExecuteTemplate(&text, name, v); err != nil {
		return fmt.Errorf("dashboard: %s: %w", name, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", l.Code)
	w.Header().Add("Vary", "Accept-Language")
	w.WriteHeader(max(status, http.StatusOK))
	_, _ = w.Write(text.Bytes()) // a visitor who is gone misses it
	return nil
}

// WriteBody answers with the exact bytes of an event, to be saved.
func WriteBody(w http.ResponseWriter, raw []byte) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="event.json"`)
	_, _ = w.Write(raw)
}

// Redirect answers with another place, relative to this one. http.Redirect would make it absolute, of a path from which
// a router may have taken something off.
func Redirect(w http.ResponseWriter, status int, to string) {
	w.Header().Set("Location", to)
	w.WriteHeader(status)
}

// QueryOf marks an address's query as escaped already, so that templates do not do it again.
func QueryOf(q url.Values) template.URL { return template.URL(q.Encode()) }

// Shortened is a name that fits into a list.
func Shortened(name string) string {
	const most = 80
	if runes := []rune(name); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return name
}
