package dashboard

import (
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"net/http"
	"strconv"
	"strings"
)

// Language is what the pages of one dashboard say in one language.
type Language struct {
	Code      string
	texts     map[string]string
	templates *template.Template
}

// Languages are those that one dashboard has. The first is for who prefers none of them.
type Languages []*Language

// Texts are what a dashboard says beside what all of them say, in each language.
type Texts struct{ English, Indonesian map[string]string }

// New reads the templates of a dashboard, "templates/*.html" of pages, beside those that all have. more are functions
// that they call, beside those of every page.
func New(pages fs.FS, texts Texts, more func(*Language) template.FuncMap) Languages {
	return Languages{
		newLanguage("en", english, texts.English, pages, more), newLanguage("id", indonesian, texts.Indonesian, pages, more),
	}
}

func newLanguage(
	code string, common, own map[string]string, pages fs.FS, more func(*Language) template.FuncMap,
) *Language {
	l := &Language{Code: code, texts: maps.Clone(common)}
	maps.Copy(l.texts, own)
	t := template.New("").Funcs(l.funcs())
	if more != nil {
		t = t.Funcs(more(l))
	}
	t = template.Must(t.ParseFS(files, "templates/*.html"))
	l.templates = template.Must(t.ParseFS(pages, "templates/*.html"))
	return l
}

// Named returns the language of that code, nil if there is none.
func (all Languages) Named(code string) *Language {
	for _, l := range all {
		if l.Code == code {
			return l
		}
	}
	return nil
}

// Preferred returns the language of that code; else the one that a request prefers.
func (all Languages) Preferred(code string, r *http.Request) *Language {
	if l := all.Named(code); l != nil {
		return l
	}
	best, weight := all[0], 0.0
	for wish := range strings.SplitSeq(strings.Join(r.Header.Values("Accept-Language"), ","), ",") {
		tag, params, _ := strings.Cut(wish, ";")
		code, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		q := 1.0
		if text, ok := strings.CutPrefix(strings.TrimSpace(params), "q="); ok {
			q, _ = strconv.ParseFloat(text, 64)
		}
		if code == "in" { // as older browsers call Indonesian
			code = "id"
		}
		if l := all.Named(code); l != nil && q > weight {
			best, weight = l, q
		}
	}
	return best
}

// Say returns the text of key, with args in its place-holders. A key without a text comes back as it is.
func (l *Language) Say(key string, args ...any) string {
	text, ok := l.texts[key]
	if !ok {
		return key
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// Has reports whether there is a text of key.
func (l *Language) Has(key string) bool {
	_, ok := l.texts[key]
	return ok
}

// Count says how many there are: key.one for one, where the language has that, else key.
func (l *Language) Count(key string, n int) string {
	if text, ok := l.texts[key+".one"]; ok && n == 1 {
		return text
	}
	return l.Say(key, l.Number(n))
}

// Number writes n with what the language puts between thousands.
func (l *Language) Number(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + l.texts["thousands"] + digits[i:]
	}
	return digits
}

// funcs are what templates call.
func (l *Language) funcs() template.FuncMap {
	return template.FuncMap{
		"say":     l.Say,
		"count":   l.Count,
		"number":  l.Number,
		"moment":  l.Moment,
		"lasted":  l.Lasted,
		"span":    l.Span,
		"legible": Legible,
	}
}
