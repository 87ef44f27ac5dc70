package console

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/kirimhooks/kirimhooks/signature"
)

// Config shapes a console. Org or LinkKey must be set.
type Config struct {
	// Org names the organisation that a request may see, once the host has authenticated it. An error answers 403; its
	// text goes to the log alone. Defaults to none: only what Link signed is let in.
	Org func(*http.Request) (string, error)
	// Changes reports whether a request may change something. What a Link allows does not depend on it. Defaults to
	// never.
	Changes func(*http.Request) bool
	// LinkKey signs and verifies the addresses that Link makes: 32 bytes or more. Defaults to none: there are no links.
	LinkKey signature.Secret
	// Prefix is the path under which the console is mounted, for routers that leave it on: "/console". Defaults to none,
	// as behind http.StripPrefix.
	Prefix string
	// Title stands at the head of each page. Defaults to "Webhooks".
	Title string
	// Language is "en" or "id". Defaults to what the browser prefers, English if it knows neither.
	Language string
	// Logger gets Error for what a page could not show, Info for requests that Org refused. It never gets bodies or
	// secrets. Defaults to slog.Default().
	Logger *slog.Logger
}

const minLinkKey = 32 // bytes

func (c Config) withDefaults() Config {
	if c.Title == "" {
		c.Title = "Webhooks"
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	c.Prefix = strings.TrimSuffix(c.Prefix, "/")
	return c
}

func (c Config) validate() error {
	var errs []error
	if c.Org == nil && c.LinkKey.IsZero() {
		errs = append(errs, errors.New("console: Config.Org: required unless LinkKey is set"))
	}
	if n := len(c.LinkKey.Reveal()); !c.LinkKey.IsZero() && n < minLinkKey {
		errs = append(errs, fmt.Errorf("console: Config.LinkKey: has %d bytes, at least %d are needed", n, minLinkKey))
	}
	if c.Prefix != "" && !strings.HasPrefix(c.Prefix, "/") {
		errs = append(errs, fmt.Errorf("console: Config.Prefix: %q must begin with a slash", c.Prefix))
	}
	if c.Language != "" && languages.Named(c.Language) == nil {
		errs = append(errs, fmt.Errorf("console: Config.Language: %q must be en or id", c.Language))
	}
	return errors.Join(errs...)
}
