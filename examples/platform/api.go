package main

import (
	"log/slog"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/kirimhooks/kirimhooks/sender"
)

// api answers the calls below /v1.
type api struct {
	sender    *sender.Sender
	contracts []sender.Contract
	logger    *slog.Logger
}

// endpoint is one call, of an org whose name is in order. What it returns is written for it.
type endpoint func(r *http.Request, org *sender.Org) (answer, error)

// methods are the endpoints of one path.
type methods map[string]endpoint

// maxRequest leaves room around the largest event body that the sender takes.
const maxRequest = 4<<20 + 64<<10

func newAPI(s *sender.Sender, contracts []sender.Contract, logger *slog.Logger) http.Handler {
	a := &api{sender: s, contracts: contracts, logger: logger}
	mux := http.NewServeMux()
	for pattern, m := range map[string]methods{
		"/v1/webhook_subscriptions": {"POST": a.createSubscription, "GET": a.listSubscriptions},
		"/v1/webhook_subscriptions/{id}": {"GET": a.getSubscription, "PATCH": a.patchSubscription,
			"DELETE": a.deleteSubscription},
		"/v1/webhook_subscriptions/{id}/secrets": {"POST": a.rotateSecret},
		"/v1/webhook_subscriptions/{id}/test":    {"POST": a.testSubscription},
		"/v1/webhook_deliveries":                 {"GET": a.listDeliveries},
		"/v1/webhook_deliveries/{id}":            {"GET": a.getDelivery},
		"/v1/webhook_deliveries/{id}/replay":     {"POST": a.replayDelivery},
		"/v1/webhook_deliveries/{id}/retry":      {"POST": a.retryDelivery},
		"/v1/webhook_deliveries/{id}/cancel":     {"POST": a.cancelDelivery},
		"/v1/webhook_deliveries/bulk_replay":     {"POST": a.replayDeliveries},
		"/v1/webhook_deliveries/bulk_retry":      {"POST": a.retryDeliveries},
		"/v1/webhook_deliveries/bulk_cancel":     {"POST": a.cancelDeliveries},
		"/v1/events":                             {"POST": a.publish},
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { a.dispatch(w, r, m) })
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { a.fail(w, r, errNoRoute) })

	// Nobody logs in here, and so any page that a developer's browser shows could publish events on his machine.
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.fail(w, r, errCrossOrigin) }))
	return guard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path.Clean(r.URL.Path) != r.URL.Path { // the mux would redirect to what is clean
			a.fail(w, r, errNoRoute)
			return
		}
		mux.ServeHTTP(w, r)
	}))
}

func (a *api) dispatch(w http.ResponseWriter, r *http.Request, m methods) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	call, ok := m[method]
	if !ok {
		w.Header().Set("Allow", strings.Join(slices.Sorted(maps.Keys(m)), ", "))
		a.fail(w, r, errMethod)
		return
	}
	name, err := orgName(r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	ans, err := call(r, a.sender.Org(name))
	if err != nil {
		a.fail(w, r, err)
		return
	}
	write(w, ans)
}

// defaultOrg is the organisation of requests that name none.
const defaultOrg = "default"

// orgName is the tenant that a call is about.
func orgName(r *http.Request) (string, error) {
	names := r.Header.Values("X-Org")
	switch {
	case len(names) == 0:
		return defaultOrg, nil
	case len(names) > 1:
		return "", invalid("X-Org", "stands twice")
	case !printable(names[0], 255):
		return "", invalid("X-Org", "must be 1 to 255 printable ASCII characters")
	}
	return names[0], nil
}

// printable reports whether s is 1 to most bytes of visible ASCII.
func printable(s string, most int) bool {
	strange := strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
	return s != "" && len(s) <= most && !strange
}

// contract returns one by name, the zero one if this program was started without it.
func (a *api) contract(name string) sender.Contract {
	i := slices.IndexFunc(a.contracts, func(c sender.Contract) bool { return c.Name == name })
	if i < 0 {
		return sender.Contract{}
	}
	return a.contracts[i]
}
