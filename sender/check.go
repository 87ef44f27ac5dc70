package sender

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/internal/egress"
)

const (
	maxEvents      = 50
	maxDevices     = 1000
	maxHeaders     = 20
	maxHeaderBytes = 1 << 10 // name and value together
	maxText        = 1 << 10 // Name, Description
	maxSecretBytes = 512
	minRate        = 0.001 // attempts a second
	maxRate        = 10_000
)

// check completes sub and refuses what its contract, or the network, could not serve. All complaints come at once,
// each with its field.
func (s *Sender) check(org string, sub *Subscription) (*Contract, error) {
	if !printable(org, 255) {
		return nil, errOrg
	}
	*sub = clone(sub)
	if sub.Contract == "" {
		sub.Contract = s.cfg.Contracts[0].Name
	}
	contract := s.contract(sub.Contract)
	if contract == nil {
		return nil, invalid("Contract", "this Sender has none named %q", sub.Contract)
	}
	errs := []error{s.checkURL(sub)}
	complain := func(field, format string, args ...any) { errs = append(errs, invalid(field, format, args...)) }
	if !validText(sub.Name) {
		complain("Name", "must be valid UTF-8 of at most %d bytes", maxText)
	}
	if !validText(sub.Description) {
		complain("Description", "must be valid UTF-8 of at most %d bytes", maxText)
	}
	if !(sub.Rate == 0 || sub.Rate >= minRate && sub.Rate <= maxRate) { // NaN is neither
		complain("Rate", "%v attempts a second, %v to %v can be set, or 0 for no limit", sub.Rate, minRate, maxRate)
	}
	contract.checkEvents(sub, complain)
	most := s.cfg.mostDotsOf(contract)
	for i, name := range sub.Events {
		if n := strings.Count(name, "."); n > most {
			complain(at("Events", i), "has %d dots, at most %d fit", n, most)
		}
	}
	contract.checkDevices(sub, complain)
	contract.checkHeaders(sub, complain)
	return contract, errors.Join(errs...)
}

// complaint notes what is wrong with a field.
type complaint func(field, format string, args ...any)

func at(field string, i int) string { return fmt.Sprintf("%s[%d]", field, i) }

func validText(text string) bool {
	return len(text) <= maxText && utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}

func (s *Sender) checkURL(sub *Subscription) error {
	if s.cfg.Transport != nil {
		// The host has its own way out and its own rules.
		u, err := url.Parse(sub.URL)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return forbiddenURL{"it is not an http or https URL with a host"}
		}
		return nil
	}
	u, err := egress.ParseURL(sub.URL, s.policy)
	if err != nil {
		return forbiddenURL{egress.Why(err)}
	}
	sub.URL = u.String()
	return nil
}

func (c *Contract) checkEvents(sub *Subscription, complain complaint) {
	if len(sub.Events) == 0 || len(sub.Events) > maxEvents {
		complain("Events", "%d types, 1 to %d can be named", len(sub.Events), maxEvents)
		return
	}
	for i, name := range sub.Events {
		switch {
		case !envelope.Printable(name, maxType):
			complain(at("Events", i), "must be 1 to %d printable ASCII characters, without a space at either end", maxType)
		case !c.sendsAny(sub.Devices, c.canonical(name)):
			complain(at("Events", i), "%s has no %q on the channels of these devices", c.Name, name)
		case c.Events == nil && !validPattern(name):
			complain(at("Events", i), `%q is no type, and no pattern like "*" or "contact.*"`, name)
		case slices.Contains(sub.Events[:i], name):
			complain(at("Events", i), "%q stands twice", name)
		}
	}
}

// validPattern reports whether a star, if there is one, is the whole last part.
func validPattern(p string) bool {
	prefix, star := strings.CutSuffix(p, "*")
	return !strings.Contains(prefix, "*") && !(star && prefix != "" && (!strings.HasSuffix(prefix, ".") || prefix == "."))
}

func (c *Contract) checkDevices(sub *Subscription, complain complaint) {
	if !c.Endpoint.Devices {
		if len(sub.Devices) > 0 {
			complain("Devices", "%s subscriptions have none", c.Name)
		}
		return
	}
	if len(sub.Devices) == 0 || len(sub.Devices) > maxDevices {
		complain("Devices", "%d devices, 1 to %d can be linked", len(sub.Devices), maxDevices)
		return
	}
	seen := make(map[Device]bool, len(sub.Devices))
	for i, d := range sub.Devices {
		if !envelope.Printable(d.ID, maxDevice) {
			complain(at("Devices", i)+".ID", "must be 1 to %d printable ASCII characters, without a space at either end",
				maxDevice)
		}
		if d.Channel != "" && !envelope.Printable(d.Channel, maxID) {
			complain(at("Devices", i)+".Channel", "must be at most %d printable ASCII characters, without a space at either end",
				maxID)
			continue
		}
		if _, ok := c.Events[d.Channel]; c.Events != nil && !ok {
			complain(at("Devices", i)+".Channel", "%s has no webhooks on %q", c.Name, d.Channel)
		}
		if plain := c.plain(d); seen[plain] {
			complain(at("Devices", i), "%s stands twice", d.ID)
		} else {
			seen[plain] = true
		}
	}
}
