package console

import (
	"net/http"

	"github.com/kirimhooks/kirimhooks/internal/dashboard"
)

// route is one page, or one change. {id} stands for one part of the path.
type route struct {
	method, path string
	serve        func(*visit) (answer, error)
}

var routes = []route{
	{"GET", "", (*visit).overview},
	{"GET", "webhooks", (*visit).webhooks},
	{"GET", "webhooks/new", (*visit).askNew},
	{"POST", "webhooks/new", (*visit).subscribe},
	{"GET", "webhooks/{id}", (*visit).webhook},
	{"GET", "webhooks/{id}/edit", (*visit).askEdit},
	{"POST", "webhooks/{id}/edit", (*visit).update},
	{"POST", "webhooks/{id}/pause", (*visit).pauseWebhook},
	{"POST", "webhooks/{id}/resume", (*visit).resumeWebhook},
	{"POST", "webhooks/{id}/rotate", (*visit).rotateSecret},
	{"POST", "webhooks/{id}/end", (*visit).endOverlap},
	{"GET", "webhooks/{id}/delete", (*visit).confirmDelete},
	{"POST", "webhooks/{id}/delete", (*visit).deleteWebhook},
	{"GET", "test", (*visit).test},
	{"POST", "test", (*visit).sendTest},
	{"GET", "events", (*visit).events},
	{"GET", "events/one", (*visit).event},
	{"GET", "events/body", (*visit).eventBody},
	{"GET", "dead", (*visit).dead},
	{"POST", "dead", (*visit).replaySelected},
	{"GET", "dead/all", (*visit).previewReplay},
	{"POST", "dead/all", (*visit).replayAll},
	{"GET", "logs", (*visit).logs},
	{"GET", "logs/{id}", (*visit).delivery},
	{"POST", "logs/{id}/retry", (*visit).retryDelivery},
	{"POST", "logs/{id}/cancel", (*visit).cancelDelivery},
	{"POST", "logs/{id}/replay", (*visit).replayDelivery},
}

// answer finds what serves a request, and asks it.
func (v *visit) answer() (answer, error) {
	if err := v.enter(); err != nil {
		return answer{}, err
	}
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
		v.id = id
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
