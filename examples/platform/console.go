package main

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/console"
)

// consolePrefix is where the dashboard always is.
const consolePrefix = "/console"

// withConsole puts the dashboard beside the API. Like that, it shows the organisation that X-Org names.
func withConsole(api http.Handler, s *sender.Sender, o options, logger *slog.Logger) (http.Handler, error) {
	dashboards := map[string]http.Handler{}
	for _, prefix := range o.consoles {
		h, err := console.New(s, console.Config{
			Org:     orgName,
			Changes: func(*http.Request) bool { return o.consoleChanges },
			Prefix:  prefix,
			Logger:  logger,
		})
		if err != nil {
			return nil, err
		}
		dashboards[prefix] = h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, prefix := range o.consoles {
			if under(r.URL.Path, prefix) {
				dashboards[prefix].ServeHTTP(w, r)
				return
			}
		}
		api.ServeHTTP(w, r)
	}), nil
}

// under reports whether a path is the prefix, or below it.
func under(path, prefix string) bool {
	rest, ok := strings.CutPrefix(path, prefix)
	return ok && (rest == "" || rest[0] == '/')
}

// parseConsoles says where the dashboard is: at its own place, and at another if one is given.
func parseConsoles(prefix string) ([]string, error) {
	if prefix == "" {
		return []string{consolePrefix}, nil
	}
	prefix = strings.TrimSuffix(prefix, "/")
	if !strings.HasPrefix(prefix, "/") || under(prefix, "/v1") {
		return nil, errors.New("-console-prefix: must be a path such as /admin/webhooks, and not below /v1")
	}
	return []string{consolePrefix, prefix}, nil
}
