package console

import (
	"embed"
	"html/template"

	"github.com/kirimhooks/kirimhooks/internal/dashboard"
)

//go:embed templates
var files embed.FS

// languages are what the pages say. english.go and indonesian.go hold every text that only this dashboard has.
var languages = dashboard.New(files, dashboard.Texts{English: english, Indonesian: indonesian}, funcs)

// class says what kept an attempt from an answer.
func class(l *dashboard.Language, class string) string {
	if key := "class." + class; l.Has(key) {
		return l.Say(key)
	}
	return dashboard.Legible(class)
}

// shownTypes is how many of a subscription's types a list has room for.
const shownTypes = 3

// funcs are what templates call.
func funcs(l *dashboard.Language) template.FuncMap {
	return template.FuncMap{
		"class":  func(name string) string { return class(l, name) },
		"status": func(code int) int { return code / 100 },
		"more":   func(list []string) int { return len(list) - shownTypes },
		"sum":    func(a, b int) int { return a + b },
		"wrong":  func(of map[string][]string, field string) []string { return of[field] },
	}
}
