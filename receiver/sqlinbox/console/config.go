package console

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
)

// Config shapes a console. The zero Config works.
type Config struct {
	// Changes reports whether a request may replay, retry and cancel. Defaults to never.
	Changes func(*http.Request) bool
	// Prefix is the path under which the console is mounted, for routers that leave it on: "/inbox". Defaults to none,
	// as behind http.StripPrefix.
	Prefix string
	// Title stands at the head of each page. Defaults to "Inbox".
	Title string
	// Language is "en" or "id". Defaults to what the browser prefers, English if it knows neither.
	Language string
	// Logger gets Error for what a page could not show. It never gets bodies. Defaults to slog.Default().
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	if c.Title == "" {
		c.Title = "Inbox"
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	c.Prefix = strings.TrimSuffix(c.Prefix, "/")
	return c
}

func (c Config) validate() error {
	var errs []error
	if c.Prefix != "" && !strings.HasPrefix(c.Prefix, "/") {
		errs = append(errs, fmt.Errorf("console: Config.Prefix: %q must begin with a slash", c.Prefix))
	}
	if c.Language != "" && languages.Named(c.Language) == nil {
		errs = append(errs, fmt.Errorf("console: Config.Language: %q must be en or id", c.Language))
	}
	return errors.Join(errs...)
}
