package console

import (
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
)

// language is what the pages say in one language. english.go and indonesian.go hold every text.
type language struct {
	code      string
	texts     map[string]string
	templates *template.Template
}

// The first language is for those who prefer none of them.
var languages = []*language{newLanguage("en", english), newLanguage("id", indonesian)}

func newLanguage(code string, texts map[string]string) *language {
	l := &language{code: code, texts: texts}
	l.templates = template.Must(template.New("").Funcs(l.funcs()).ParseFS(files, "templates/*.html"))
	return l
}

func languageNamed(code string) *language {
	for _, l := range languages {
		if l.code == code {
			return l
		}
	}
	return nil
}

// say returns the text of key, with args in its place-holders. A key without a text comes back as it is.
func (l *language) say(key string, args ...any) string {
	text, ok := l.texts[key]
	if !ok {
		return key
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// count says how many there are: key.one for one, where the language has that, else key.
func (l *language) count(key string, n int) string {
	if text, ok := l.texts[key+".one"]; ok && n == 1 {
		return text
	}
	return l.say(key, l.number(n))
}

// class says what kept an attempt from an answer.
func (l *language) class(class string) string {
	if text, ok := l.texts["class."+class]; ok {
		return text
	}
	return legible(class)
}

// number writes n with what the language puts between thousands.
func (l *language) number(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + l.texts["thousands"] + digits[i:]
	}
	return digits
}

// language returns the one that a request prefers.
func (c *console) language(r *http.Request) *language {
	if l := languageNamed(c.cfg.Language); l != nil {
		return l
	}
	best, weight := languages[0], 0.0
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
		if l := languageNamed(code); l != nil && q > weight {
			best, weight = l, q
		}
	}
	return best
}

// shownTypes is how many of a subscription's types a list has room for.
const shownTypes = 3

// funcs are what templates call.
func (l *language) funcs() template.FuncMap {
	return template.FuncMap{
		"say":     l.say,
		"count":   l.count,
		"number":  l.number,
		"moment":  l.moment,
		"lasted":  l.lasted,
		"span":    l.span,
		"class":   l.class,
		"status":  func(code int) int { return code / 100 },
		"legible": legible,
		"more":    func(list []string) int { return len(list) - shownTypes },
		"sum":     func(a, b int) int { return a + b },
		"wrong":   func(of map[string][]string, field string) []string { return of[field] },
	}
}
