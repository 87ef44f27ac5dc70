package console

import (
	"context"
	"net/http"
	"strconv"

	"github.com/kirimhooks/kirimhooks/internal/dashboard"
)

// visit is one request, with what its page needs.
type visit struct {
	*console
	w        http.ResponseWriter
	r        *http.Request
	language *dashboard.Language
	place    dashboard.Place
	changes  bool
	id       int64 // {id} of the route
}

func (v *visit) ctx() context.Context { return v.r.Context() }

func (v *visit) query(name string) string { return v.r.URL.Query().Get(name) }

// route is one page, or one change. {id} stands for one event.
type route struct {
	method, path string
	serve        func(*visit) (answer, error)
}

var routes = []route{
	{"GET", "", (*visit).overview},
	{"GET", "events", (*visit).events},
	{"GET", "blocked", (*visit).blocked},
	{"GET", "dead", (*visit).dead},
	{"POST", "events", (*visit).changeSelected},
	{"GET", "events/{id}", (*visit).event},
	{"GET", "events/{id}/body", (*visit).eventBody},
	{"POST", "events/{id}", (*visit).changeOne},
}

// answer finds what serves a request, and asks it.
func (v *visit) answer() (answer, error) {
	method := v.r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	known := false
	for _, r := range routes {
		id, ok := dashboard.Match(r.path, v.place.Parts)
		if !ok {
			continue
		}
		if known = true; r.method != method {
			continue
		}
		if id != "" {
			var err error
			if v.id, err = strconv.ParseInt(id, 10, 64); err != nil {
				return answer{}, dashboard.ErrNoPage
			}
		}
		if method == http.MethodPost {
			if err := dashboard.MayChange(v.w, v.r, v.origin, v.changes); err != nil {
				return answer{}, err
			}
		}
		return r.serve(v)
	}
	if known {
		return answer{}, dashboard.ErrMethod
	}
	return answer{}, dashboard.ErrNoPage
}
